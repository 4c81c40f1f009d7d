"What the benchmarks share: jobs timed in turns, so that a busy machine slows all alike, and a table of the ratios."
import os
import platform
import time
from statistics import median

TINY = os.environ.get('MELODYNB_SIZE') == 'tiny'  # as in the tests, which only ask whether a benchmark runs


def sized(usual, tiny):
    "How much to do: the usual, or what is enough to see that it works."
    return tiny if TINY else usual


def machine():
    "One line on what this ran on."
    load = os.getloadavg()[0] if hasattr(os, 'getloadavg') else float('nan')
    return (f'{os.cpu_count()} cores, load {load:.1f}, {platform.machine()} {platform.system()}, '
            f'Python {platform.python_version()}')


def seconds(job, clock=time.perf_counter):
    "How long one call takes; `clock=time.process_time` counts the processor's time, where one thread does all."
    start = clock()
    job()
    return clock() - start


def turns(jobs, rounds=5, clock=time.perf_counter):
    "Seconds of every job by its name: all jobs once a round, after one round that does not count."
    for job in jobs.values(): job()
    times = {name: [] for name in jobs}
    for _ in range(rounds):
        for name, job in jobs.items(): times[name].append(seconds(job, clock))
    return times


def medians(jobs, rounds=5, clock=time.perf_counter):
    "Median seconds of every job."
    return {name: median(spent) for name, spent in turns(jobs, sized(rounds, 1), clock).items()}


def fastest(jobs, rounds=5, clock=time.perf_counter):
    "Seconds of the fastest run of every job: for small differences, since what disturbs a run only makes it slower."
    return {name: min(spent) for name, spent in turns(jobs, sized(rounds, 1), clock).items()}


def shown(cell):
    "A cell of a table as text."
    return f'{cell:,.3g}' if isinstance(cell, float) else str(cell)


def table(title, heads, rows):
    "Print rows under a title, columns aligned."
    cells = [list(map(shown, row)) for row in (heads, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells)]
    print(f'\n{title}\n({machine()})')
    for first, *rest in cells:
        aligned = [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(rest, widths[1:]))]
        print('  ' + '  '.join(aligned))
