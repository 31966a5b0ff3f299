// SPDX-License-Identifier: GPL-2.0
/*
 * A mechanism and a verb that poisonctl has not: this file alone adds them, each with
 * an option of its own.  The mechanism plants nothing.
 */
#include <stdio.h>

#include "mech.h"
#include "verbs.h"

static const struct mech_error errors[] = { { .name = "mild" }, { .name = NULL } };

static const struct mech_flag flags[] = {
	{ "gently", "nothing: be gentle about it" },
	{ NULL },
};

static void here(struct here *h)
{
	here_yes(h, "nowhere");
}

static int unit(const struct target *t, uint64_t *size, const char **why)
{
	(void)t;
	*size = SECTOR;
	*why = "the sector";
	return EXIT_OK;
}

static int plant(struct planting *p)
{
	p->seen_by = mech_given(p, "gently") ? "a gentle look" : "a look";
	return EXIT_OK;
}

static const struct mech mech_nothing = {
	.name = "nothing",
	.rank = 75,
	.kinds = TARGET_ANY,
	.errors = errors,
	.flags = flags,
	.acts_on = "any target",
	.leaves = "nothing",
	.undo = "nothing to undo",
	.here = here,
	.unit = unit,
	.plant = plant,
};

MECHANISM(mech_nothing)

struct hello_request {
	struct request r;
	bool keep;
};

static const struct opt hello_opts[] = {
	{ "keep", 0, OPT_FLAG, offsetof(struct hello_request, keep), 0, NULL, "keep saying it", NULL },
	OPTS_COMMON,
};

static int run_hello(struct request *req)
{
	const struct hello_request *own = (const void *)req;

	puts(own->keep ? "hello, hello" : "hello");
	return EXIT_OK;
}

static const struct verb verb_hello = {
	.name = "hello",
	.synopsis = "hello [options]",
	.purpose = "Say hello",
	.opts = hello_opts,
	.n = ARRAY_SIZE(hello_opts),
	.size = REQUEST_SIZE(struct hello_request),
	.run = run_hello,
};

VERB(verb_hello)
