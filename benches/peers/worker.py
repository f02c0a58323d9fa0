"""One contender in a process of its own, so that nobody's threads, spinning or memory disturb another's turn.

Speaks JSON by lines: the first argument has the options; each number that comes in is a turn of so many pictures.
"""
import json
import os
import signal
import sys

WARM_UP = 3  # pictures before those that count, as `impasto bench` paints them too

# What libraries print goes to stderr; only our lines go to whoever asked.
replies = os.fdopen(os.dup(1), 'w')
os.dup2(2, 1)


def say(value):
    print(json.dumps(value), file=replies, flush=True)


def main():
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends who asks us, and with it our input
    name, o = sys.argv[1], json.loads(sys.argv[2])
    import contenders
    try:
        paint, facts = contenders.make(name, o)
    except (contenders.LeftOut, FileNotFoundError, ImportError, NotImplementedError) as e:
        return say({'left_out': str(e)})
    say({'facts': facts})
    for line in sys.stdin:
        for _ in range(WARM_UP):
            paint()
        say([contenders.clock(paint) * 1e3 for _ in range(int(line))])


if __name__ == '__main__':
    main()
