"""The first tables of accounts."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Member',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('family_name', models.CharField(default='', max_length=100)),
                ('given_name', models.CharField(default='', max_length=100)),
                ('title', models.CharField(default='', max_length=10)),
                ('profession', models.CharField(default='', max_length=20)),
                ('rpps', models.CharField(default='', max_length=11)),
                ('status', models.CharField(default='', max_length=20)),
                ('of_id', models.UUIDField(null=True)),
                ('sites', models.JSONField(default=list)),
                ('since', models.DateField(null=True)),
                ('until', models.DateField(null=True)),
                ('temporary', models.BooleanField(default=False)),
                ('is_titulaire', models.BooleanField(default=False)),
                ('joined_at', models.DateTimeField(null=True)),
                ('departed_at', models.DateTimeField(null=True)),
            ],
            options={
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='PasskeyUse',
            fields=[
                ('passkey_id', models.UUIDField(primary_key=True, serialize=False)),
                ('sign_count', models.BigIntegerField(default=0)),
                ('last_used_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Practice',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(default='', max_length=120)),
                ('rp_id', models.CharField(default='', max_length=253)),
                ('fictional', models.BooleanField(default=False)),
                ('sites', models.JSONField(default=list)),
                ('founded_at', models.DateTimeField(null=True)),
            ],
            options={
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('purpose', models.CharField(default='member', max_length=10)),
                ('code_hash', models.BinaryField()),
                ('member_id', models.UUIDField(null=True)),
                ('name', models.CharField(default='', max_length=80)),
                ('made_by_id', models.UUIDField(null=True)),
                ('expires_at', models.DateTimeField(null=True)),
                ('used_at', models.DateTimeField(null=True)),
                ('withdrawn_at', models.DateTimeField(null=True)),
            ],
            options={
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['code_hash'], name='invitation_code')],
            },
        ),
        migrations.CreateModel(
            name='Passkey',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('member_id', models.UUIDField(db_index=True)),
                ('credential_id', models.BinaryField()),
                ('public_key', models.BinaryField()),
                ('aaguid', models.CharField(default='', max_length=36)),
                ('rp_id', models.CharField(default='', max_length=253)),
                ('transports', models.JSONField(default=list)),
                ('created_at', models.DateTimeField(null=True)),
                ('label', models.CharField(default='', max_length=80)),
                ('console', models.BooleanField(default=False)),
                ('prf_capable', models.BooleanField(default=False)),
                ('revoked_at', models.DateTimeField(null=True)),
            ],
            options={
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['credential_id'], name='passkey_credential')],
            },
        ),
        migrations.CreateModel(
            name='Post',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(default='', max_length=80)),
                ('owner_id', models.UUIDField(null=True)),
                ('token_hash', models.BinaryField(null=True)),
                ('thumbprint', models.CharField(default='', max_length=43)),
                ('public_key', models.JSONField(null=True)),
                ('enrolled_at', models.DateTimeField(null=True)),
                ('approved_by_id', models.UUIDField(null=True)),
                ('approved_at', models.DateTimeField(null=True)),
                ('revoked_at', models.DateTimeField(null=True)),
            ],
            options={
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['token_hash'], name='post_token')],
            },
        ),
        migrations.CreateModel(
            name='Session',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('token_hash', models.BinaryField(unique=True)),
                ('member_id', models.UUIDField(db_index=True)),
                ('post_id', models.UUIDField(db_index=True, null=True)),
                ('assurance', models.CharField(max_length=10)),
                ('tier', models.CharField(max_length=10)),
                ('keys', models.JSONField(default=dict)),
                ('state', models.CharField(default='active', max_length=8, choices=[
                    ('active', 'Active'), ('locked', 'Locked'), ('frozen', 'Frozen'), ('ended', 'Ended')])),
                ('created_at', models.DateTimeField()),
                ('last_used_at', models.DateTimeField()),
                ('uv_at', models.DateTimeField()),
                ('absolute_end', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_reason', models.CharField(default='', max_length=20)),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('state__in', ['active', 'locked', 'frozen', 'ended'])),
                                           name='session_state'),
                    models.CheckConstraint(
                        condition=models.Q(('state', 'ended'), ('ended_at__isnull', True), _connector='XOR'),
                        name='session_ended_at_when_ended'),
                    models.CheckConstraint(condition=models.Q(('tier__in', ['hardware', 'worker', 'page'])),
                                           name='session_tier'),
                ],
            },
        ),
    ]
