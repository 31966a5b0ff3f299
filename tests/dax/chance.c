// SPDX-License-Identifier: GPL-2.0
/* What goes by chance: the dice of a seed, and programs that play for some time. */
#include <stdlib.h>
#include "chance.h"

unsigned int seconds = 10, seed = 1;

static __thread unsigned long state;

void dice_begin(unsigned long number)
{
	state = 88172645463325252UL ^ number;
}

unsigned long dice(unsigned long sides)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 11) % sides;
}

int chance_main(int argc, char **argv, const struct dax_case *cases)
{
	if (argc == 5)
		seed = strtoul(argv[--argc], NULL, 10);
	if (argc == 4)
		seconds = strtoul(argv[--argc], NULL, 10);
	/* of a thread that never began its dice all throws are 0 */
	dice_begin(seed);
	return dax_main(argc, argv, cases);
}
