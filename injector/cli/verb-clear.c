// SPDX-License-Identifier: GPL-2.0
/* poisonctl clear: repair a range for real, and say what is left. */
#include "clear.h"
#include "out.h"
#include "verbs.h"

static const struct opt clear_opts[] = {
	OPTS_PLACE,
	{ "all", 'A', OPT_FLAG, FIELD(all), 0, NULL,
	  "all that this tool planted since boot", NULL },
	{ "keep", 0, OPT_FLAG, FIELD(keep), 0, NULL,
	  "keep the data that can still be read (default)", NULL },
	{ "zero", 'z', OPT_FLAG, FIELD(zero), 0, NULL,
	  "fill the poisoned pages with zeroes", NULL },
	{ "punch", 0, OPT_FLAG, FIELD(punch), 0, NULL,
	  "punch the poisoned pages out of a file", NULL },
	{ "hwpoison", 'H', OPT_FLAG, FIELD(assume_hwpoison), 0, NULL,
	  "take every page of the range for PG_hwpoison", NULL },
	OPT_DRY_RUN,
	OPT_DEADLINE,
	OPT_REAL_MEDIA,
	OPTS_COMMON,
};

static const struct column columns[] = {
	{ "TARGET", "target", COL_TEXT },
	{ "BADBLOCKS", "found.badblock_count", COL_NUMBER },
	{ "INJECTED", "found.injected", COL_COUNT },
	{ "HWPOISON", "found.hwpoison_pages", COL_NUMBER },
	{ "LOST", "bytes_lost", COL_SIZE },
	{ "STATE", "state", COL_TEXT },
	{ "REASON", "reason", COL_TEXT },
};

static int check_words(const struct request *req)
{
	if (req->all && (req->target || req->place.block_set ||
			 req->place.offset_set || req->place.length_set))
		return complain(EXIT_USAGE, "--all takes no target");
	if (!req->all && !req->target)
		return complain(EXIT_USAGE, "no target given");
	return EXIT_OK;
}

static int run_clear(struct request *req)
{
	const struct clearing c = {
		.zero = req->zero,
		.punch = req->punch,
		.assume_hwpoison = req->assume_hwpoison,
		.real_ok = req->yes_real_media,
		.dry = req->dry_run,
		.d = deadline_in((unsigned int)req->deadline),
	};
	json_object *doc = NULL;
	int rc;

	if (req->all) {
		rc = clear_all(&c, &doc);
	} else {
		rc = clear_named(req->target, &req->place, &c, &doc);
		if (doc && rc)
			put_error(doc, rc);
	}
	if (doc)
		out_doc(doc, columns, ARRAY_SIZE(columns));
	return rc;
}

static const struct verb verb_clear = {
	.name = "clear",
	.synopsis = "clear [options] <target>\n poisonctl clear [options] --all",
	.purpose = "Repair poison: firmware, badblocks and page flags",
	.opts = clear_opts,
	.n = ARRAY_SIZE(clear_opts),
	.flags = VERB_ADMIN | VERB_PLANTS,
	.check = check_words,
	.run = run_clear,
};

VERB(verb_clear)
