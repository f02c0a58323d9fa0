"""The end of a run."""
import datetime
import unittest


class Ends(unittest.TestCase):
    def test_a_time_of_day_that_has_passed_is_tomorrow(self):
        from export.train.clock import Clock
        passed = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=2)
        share = Clock(1, 60, until=passed.strftime('%H:%M')).tick()
        self.assertTrue(0 < share < 0.01, share)


if __name__ == '__main__':
    unittest.main()
