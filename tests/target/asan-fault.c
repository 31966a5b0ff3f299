// SPDX-License-Identifier: GPL-2.0
/* A program with a fault, for tests of who should notice it: asan-fault heap|stack|leak|shift */
#include <stdlib.h>
#include <string.h>

/* What the compiler knows nothing of. */
static volatile int nine = 9;

static int heap(void)
{
	char *p = calloc(1, (size_t)nine);
	int c = p[nine];

	free(p);
	return c;
}

static int stack(void)
{
	volatile char a[9] = { 0 };

	return a[nine];
}

static int leak(void)
{
	void *volatile p = malloc((size_t)nine);

	p = NULL;
	return p != NULL;
}

static int shift(void)
{
	return nine << (nine * 4);
}

static const struct {
	const char *name;
	int (*make)(void);
} faults[] = {
	{ "heap", heap },
	{ "stack", stack },
	{ "leak", leak },
	{ "shift", shift },
};

int main(int argc, char **argv)
{
	size_t i;

	for (i = 0; argc == 2 && i < sizeof(faults) / sizeof(faults[0]); i++)
		if (!strcmp(argv[1], faults[i].name))
			return faults[i].make() & 0;
	return 2;
}
