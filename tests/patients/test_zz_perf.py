import random, time, uuid
from permanence.lib.sqlcipher import run
from permanence.patients import queries, actions
from permanence.consultations import actions as ca, queries as cq
from tests.patients.conftest import opened
from permanence.journal.bulk import append_many
from permanence.patients.models import Patient
from permanence.consultations.models import Note
from permanence.lib import clock
import datetime
def test_perf(jeanne, moreau):
    random.seed(2)
    syl="mar tin du pont le roy ber nard mo reau pe tit gar nier la lo fo fon".split()
    name=lambda: "".join(random.choices(syl,k=random.randint(2,3)))
    n=10000
    t=time.time()
    ps=[Patient(birth_name=name(),first_given_name=name(),birth_date=datetime.date(1930,1,1)+datetime.timedelta(days=random.randint(0,33000))) for _ in range(n)]
    append_many(([p] for p in ps), by=moreau, action="patients:import")
    print("import", time.time()-t)
    t=time.time(); append_many([[Note(patient_id=jeanne, author_id=moreau.member, signatory_id=moreau.member, at=clock.now()-datetime.timedelta(days=i), signed_at=clock.now(), motif="x", text="lorem ipsum "*30) for i in range(400)]], by=moreau, action="c:i"); print("notes",time.time()-t)
    def timed(label,f,k=30):
        f(); ts=[]
        for _ in range(k):
            t=time.perf_counter(); f(); ts.append(time.perf_counter()-t)
        ts.sort(); print(f"{label:30} median {ts[k//2]*1000:.2f} ms p95 {ts[int(k*.95)]*1000:.2f}")
    for q in ("mar je 58","mar","m","ly","14071958","1958","58","martin jeanne", "juillet 58","0612345678","2 95 10 99 126 111 93"):
        timed("search "+q, lambda: queries.search(q, reader=opened(moreau)))
    timed("banner", lambda: queries.banner(jeanne, reader=opened(moreau)))
    timed("chart", lambda: cq.chart(jeanne, reader=opened(moreau)))
    timed("synthesis", lambda: cq.synthesis(jeanne, reader=opened(moreau)))
    def both():
        r=opened(moreau); queries.banner(jeanne,reader=r); cq.chart(jeanne,reader=r); r.close()
    timed("page", both)
    from permanence.patients.permissions import _FILES
    for row in run("default","EXPLAIN QUERY PLAN "+_FILES, '["%s"]'%jeanne.hex): print(row[3])
    timed("sign", lambda: ca.sign_note(jeanne, by=moreau, fields={"motif":"x"}, measures_line="TA 130/80"))
    timed("draft", lambda: ca.save_draft(jeanne, by=moreau, payload={"motif":"x"}))
