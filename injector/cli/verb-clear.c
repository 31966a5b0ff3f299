// SPDX-License-Identifier: GPL-2.0
/* poisonctl clear: repair a range for real, and say what is left. */
#include "clear.h"
#include "out.h"
#include "verbs.h"

struct clear_request {
	struct request r;
	bool all;
	bool keep;
	bool zero;
	bool punch;
	bool hwpoison;
	bool shared;
};

#define CLEAR_FIELD(f)	offsetof(struct clear_request, f)

static const struct opt clear_opts[] = {
	OPTS_PLACE,
	{ "all", 'A', OPT_FLAG, CLEAR_FIELD(all), 0, NULL,
	  "all that this tool planted since boot", NULL },
	{ "keep", 0, OPT_FLAG, CLEAR_FIELD(keep), 0, NULL,
	  "keep the data that can still be read (default)", NULL },
	{ "zero", 'z', OPT_FLAG, CLEAR_FIELD(zero), 0, NULL,
	  "fill the poisoned pages with zeroes", NULL },
	{ "punch", 0, OPT_FLAG, CLEAR_FIELD(punch), 0, NULL,
	  "punch the poisoned pages out of a file", NULL },
	{ "hwpoison", 'H', OPT_FLAG, CLEAR_FIELD(hwpoison), 0, NULL,
	  "take every page of the range for PG_hwpoison", NULL },
	OPT_DRY_RUN,
	OPT_DEADLINE,
	OPT_REAL_MEDIA,
	OPT_SHARED(struct clear_request),
	OPTS_TABLE,
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
	const struct clear_request *own = (const void *)req;

	if (own->keep + own->zero + own->punch > 1)
		return complain(EXIT_USAGE,
			"--keep, --zero and --punch exclude each other");
	if (own->all && (req->target || req->place.block_set ||
			 req->place.offset_set || req->place.length_set))
		return complain(EXIT_USAGE, "--all takes no target");
	if (!own->all && !req->target)
		return complain(EXIT_USAGE, "no target given");
	return EXIT_OK;
}

static int run_clear(struct request *req)
{
	const struct clear_request *own = (const void *)req;
	const struct clearing c = {
		.zero = own->zero,
		.punch = own->punch,
		.assume_hwpoison = own->hwpoison,
		.real_ok = req->yes_real_media,
		.shared_ok = own->shared,
		.dry = req->dry_run,
		.d = deadline_in((unsigned int)req->deadline),
	};
	json_object *doc = NULL;
	int rc;

	if (own->all) {
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

static const struct table tables[] = { TABLE(columns) };

static const struct verb verb_clear = {
	.name = "clear",
	.synopsis = "clear [options] <target>\n poisonctl clear [options] --all",
	.purpose = "Repair poison: firmware, badblocks and page flags",
	.opts = clear_opts,
	.n = ARRAY_SIZE(clear_opts),
	.tables = tables,
	.ntables = ARRAY_SIZE(tables),
	.flags = VERB_ADMIN | VERB_PLANTS,
	.size = REQUEST_SIZE(struct clear_request),
	.check = check_words,
	.run = run_clear,
};

VERB(verb_clear)
