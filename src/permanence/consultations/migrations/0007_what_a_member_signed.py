"""What a member signed, by date; and apart, the few of others that wait for their hand.

The index of all that one signed made the opening of any file as long as a career: the planner prefers it to the patient's.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consultations", "0006_growth_references"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="note",
            name="note_signatory",
        ),
        migrations.AddIndex(
            model_name="note",
            index=models.Index(fields=["signatory_id", "signed_at"], name="note_signed"),
        ),
        migrations.AddIndex(
            model_name="note",
            index=models.Index(
                condition=models.Q(("author_id", models.F("signatory_id")), _negated=True),
                fields=["signatory_id", "signed_at"],
                name="note_of_another",
            ),
        ),
    ]
