"""The end of a run: by its schedule, or by a signal."""
import datetime
import signal
import time


class Stop:
    """SIGTERM and SIGINT end the run after the current step, with a checkpoint."""

    def __init__(self):
        self.asked = False
        for s in (signal.SIGTERM, signal.SIGINT):
            signal.signal(s, self)

    def __call__(self, *_):
        self.asked = True


class Clock:
    """Elapsed share of the schedule. Time in which the process was stopped (SIGSTOP) does not count, unless the end is a time of day."""

    def __init__(self, minutes, spent, until=None):
        """`spent`: seconds of earlier runs; `until`: HH:MM in UTC, instead of `minutes`."""
        self.spent, self.last, self.length, self.fixed = spent, time.time(), 60 * minutes, until is not None
        if until:
            now = datetime.datetime.now(datetime.UTC)
            hour, minute = map(int, until.split(':'))
            # The next time that a clock shows it, which may be tomorrow.
            self.length = spent + (now.replace(hour=hour, minute=minute, second=0) - now).total_seconds() % 86_400

    def tick(self):
        """-> share of the schedule, 1 or more at its end."""
        now = time.time()
        gap, self.last = now - self.last, now
        self.spent += gap if self.fixed or gap < 60 else 0
        return self.spent / self.length
