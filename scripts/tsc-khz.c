// SPDX-License-Identifier: GPL-2.0
/*
 * Prints how fast this machine's time stamp counter runs, in kHz.
 *
 * TCG hands the host's counter to the guest.  A guest on a loaded host that
 * calibrates it against an emulated timer can be wrong by a factor of ten, and
 * its clock with it, so the launcher tells it (tsc_early_khz=).
 */
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

#define SAMPLE_NS 20000000LL

static long long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/*
 * Reads clock and counter as one: of several tries the one that was interrupted
 * least, because a preemption between the two readings is the error.
 */
static unsigned long long sample(long long *ns)
{
	unsigned long long best = 0, least = ~0ULL;

	for (int i = 0; i < 16; i++) {
		unsigned long long before = __rdtsc();
		long long t = now_ns();
		unsigned long long after = __rdtsc();

		if (after - before < least) {
			least = after - before;
			best = before + least / 2;
			*ns = t;
		}
	}
	return best;
}

int main(void)
{
	long long t0 = 0, t1 = 0;
	unsigned long long c0 = sample(&t0), c1;

	do {
		c1 = sample(&t1);
	} while (t1 - t0 < SAMPLE_NS);
	return printf("%llu\n", (c1 - c0) * 1000000 / (t1 - t0)) < 0;
}
