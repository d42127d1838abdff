from tests.assessment.test_adjusting import *
from tests.assessment.conftest import *
import time as t
def test_dbg(database, clock):
    if database.engine.dialect.name=="sqlite": pytest.skip("")
    take_locks_away(database)
    t0=t.perf_counter()
    def say(_c,_cu,sql,*r): print(round(t.perf_counter()-t0,3), __import__("threading").current_thread().name, sql[:70].replace("\n"," "), flush=True)
    event.listen(database.engine,"before_cursor_execute",say)
    decide_while_somebody_starts(database, clock())
