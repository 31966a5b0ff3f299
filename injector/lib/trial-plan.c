// SPDX-License-Identifier: GPL-2.0
/* What a trial is about: checked, and looked up in the truth table. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cxl.h"
#include "trial.h"

#define BIG_PAGE	(2ULL << 20)

static int trial_state(struct trial *tr)
{
	if (!tr->mech->tried)
		return complain(EXIT_UNSUPPORTED,
			"the truth table knows nothing of '%s'", tr->mech->name);
	tr->s.poison = tr->mech->poison;
	return EXIT_OK;
}

static enum device_kind device_of(const struct target *t)
{
	if (t->ns->mode == NS_DEVDAX)
		return DEV_DEVDAX;
	return target_by_file(t) ? DEV_FILE : DEV_BLOCK;
}

/* Are bytes of a file one extent?  Says where they lie. */
static bool contiguous(const struct target *t, uint64_t off, uint64_t len,
		       uint64_t *spa)
{
	struct file_map map;
	struct place where = {
		.offset_set = true, .length_set = true,
		.offset = off, .length = len,
	};
	struct target part;
	bool one;

	/* resolving complains about holes, which are no problem here */
	if (off + len > t->size || machine->file_map(t->name, off, len, &map))
		return false;
	one = map.n == 1 && map.v[0].logical <= off &&
	      map.v[0].logical + map.v[0].len >= off + len;
	free(map.v);
	if (!one || target_resolve(t->name, &where, false, &part))
		return false;
	*spa = part.v[0].spa;
	target_free(&part);
	return true;
}

static int choose_mapping(struct trial *tr, bool big_page)
{
	uint64_t unit = target_map_align(&tr->t), spa;

	if (big_page && tr->s.dev != DEV_FILE)
		return complain(EXIT_USAGE,
			"--page-size is for files: '%s' decides itself",
			tr->t.name);
	if (big_page && tr->s.map == MAP_IS_COPIED)
		return complain(EXIT_USAGE,
			"a private copy of a file's page is never of 2 MiB");
	if (big_page) {
		unit = BIG_PAGE;
		if (!contiguous(&tr->t, round_down64(tr->access_off, unit),
				unit, &spa) || spa % unit)
			return complain(EXIT_UNSUPPORTED,
				"'%s' has no aligned extent of 2 MiB there",
				tr->t.name);
	}
	tr->s.map_shift = 63 - __builtin_clzll(unit);
	return EXIT_OK;
}

static int check_shape(const struct trial *tr)
{
	const struct extent *e = &tr->t.v[0];
	uint64_t unit = target_map_align(&tr->t);

	if (tr->t.n != 1 ||
	    e->ns_off / unit != (e->ns_off + e->len - 1) / unit)
		return complain(EXIT_USAGE,
			"a trial poisons one page of '%s', not more",
			tr->t.name);
	if (round_up64(e->off + e->len, PAGE) > tr->t.size)
		return complain(EXIT_USAGE,
			"'%s' ends inside the page that is to be poisoned",
			tr->t.name);
	return EXIT_OK;
}

/* What the options say of each other. */
static int check_options(const struct trial *tr)
{
	const struct situation *s = &tr->s;
	bool shared = s->map == MAP_IS_SHARED;

	if (tr->sync && (!shared || s->dev != DEV_FILE))
		return complain(EXIT_USAGE,
			"--sync is for shared mappings of files");
	if (s->dirty && (!shared || s->when != WHEN_BEFORE || !s->maps))
		return complain(EXIT_USAGE,
			"a dirty page wants a shared mapping, made before");
	if (s->map == MAP_IS_COPIED && (s->when != WHEN_BEFORE || !s->maps))
		return complain(EXIT_USAGE,
			"--map copied wants a mapping, made before");
	if (s->forked && s->access == ACCESS_NONE)
		return complain(EXIT_USAGE, "--fork wants an access");
	if (s->others && s->dev == DEV_BLOCK)
		return complain(EXIT_USAGE,
			"--processes is for what can be mapped, not for '%s'",
			tr->t.name);
	if (tr->other_name && (s->dev != DEV_FILE || !s->others))
		return complain(EXIT_USAGE,
			"--other wants a file as the target, and processes");
	if (s->poison == POISON_FLAGGED && !tr->mech->by_mapper && !s->others &&
	    (!s->maps || s->when == WHEN_AFTER))
		return complain(EXIT_UNSUPPORTED,
			"'%s' on a page that nobody maps: memory failure finds "
			"no file that it belongs to", tr->mech->name);
	return EXIT_OK;
}

#define XFS_MAGIC		0x58465342	/* "XFSB", include/uapi/linux/magic.h */
#define XFS_GEOM_RMAPBT		(1U << 19)

/* struct xfs_fsop_geom_v1 of fs/xfs/libxfs/xfs_fs.h, which is no uapi header */
struct xfs_geometry {
	uint32_t sizes[8];
	uint64_t places[4];
	uint8_t uuid[16];
	uint32_t sunit, swidth;
	int32_t version;
	uint32_t flags;
	uint32_t rest[3];
};

/*
 * Who maps a shared block is known to XFS by its reverse mapping alone; without
 * it memory_failure() goes by page->mapping, which is no mapping for such a page
 * (PAGE_MAPPING_DAX_COW).
 */
static bool has_rmapbt(const char *path)
{
	struct xfs_geometry geo = { 0 };
	struct statfs fs;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool has;

	if (fd < 0)
		return false;
	has = !fstatfs(fd, &fs) && fs.f_type == XFS_MAGIC &&
	      !ioctl(fd, _IOR('X', 100, struct xfs_geometry), &geo) &&
	      geo.flags & XFS_GEOM_RMAPBT;
	close(fd);
	return has;
}

/* The file that the bystanders map must have the same page. */
static int find_other(struct trial *tr)
{
	const struct extent *e = &tr->t.v[0];
	struct place where = {
		.offset_set = true, .length_set = true,
		.offset = e->off, .length = e->len,
	};
	int rc;

	if (!tr->other_name)
		return EXIT_OK;
	rc = target_resolve(tr->other_name, &where, false, &tr->other);
	if (rc)
		return rc;
	if (tr->other.n != 1 || tr->other.v[0].spa != e->spa)
		return complain(EXIT_USAGE,
			"'%s' does not share the page of '%s' at %" PRIu64,
			tr->other_name, tr->t.name, e->off);
	/* kernel/dax keeps a list of its own */
	if (!family_is(tr->s.family, FAMILY_61_OURS) && !has_rmapbt(tr->other_name) &&
	    !tr->fatal_ok)
		return complain(EXIT_UNSUPPORTED,
			"'%s' is not on XFS with rmapbt: nobody knows who "
			"shares its page, and some kernels do not survive it: "
			"--yes-fatal is required", tr->other_name);
	tr->other_off = tr->access_off;
	return EXIT_OK;
}

static int early_kill(enum signal_policy policy, bool *early)
{
	static const char sysctl[] = "/proc/sys/vm/memory_failure_early_kill";
	char text[16];
	int rc;

	*early = policy == POLICY_EARLY;
	if (policy == POLICY_EARLY || policy == POLICY_LATE)
		return EXIT_OK;
	rc = read_text(text, sizeof(text), "%s", sysctl);
	if (rc < 0 && !is_absent(rc))
		return complain(EXIT_SETUP, "cannot read '%s': %s", sysctl, strerror(-rc));
	*early = rc > 0 && text[0] == '1';
	return EXIT_OK;
}

static int set_defaults(struct trial *tr)
{
	struct situation *s = &tr->s;

	if (s->access == ACCESS_DEFAULT)
		s->access = s->poison == POISON_FLAGGED ? ACCESS_NONE :
			    s->dev == DEV_BLOCK ? ACCESS_READ_DIRECT :
						  ACCESS_LOAD;
	if (s->others < 0)
		s->others = s->dev == DEV_BLOCK ? 0 : 1;
	s->by_consumer = tr->mech->by_mapper && s->when == WHEN_BEFORE;
	s->maps = access_maps(s->access) || s->by_consumer;
	if (s->access == ACCESS_MSYNC || s->access == ACCESS_FSYNC)
		s->dirty = true;
	return early_kill(s->policy, &s->early);
}

static uint64_t request_of(const struct situation *s)
{
	switch (s->access) {
	case ACCESS_READ:
	case ACCESS_READ_DIRECT:
		return s->lead + PAGE;
	case ACCESS_WRITE_PART:
		return SECTOR;
	default:
		return PAGE;
	}
}

/* How memory_failure() finds who maps the page, and what else does. */
static void set_sharing(struct trial *tr, uint64_t page)
{
	struct situation *s = &tr->s;
	char node[512];

	if (s->dev != DEV_FILE)
		return;
	target_devnode(&tr->t, node, sizeof(node));
	s->split = tr->t.v[0].shared;
	s->other_file = tr->other_name;
	s->by_index = has_rmapbt(node);
	s->into_map = page % (1ULL << s->map_shift);
}

static void set_situation(struct trial *tr)
{
	struct situation *s = &tr->s;
	uint64_t start = target_dev_off(&tr->t, &tr->t.v[0]), spa;
	uint64_t page = round_down64(tr->access_off, PAGE);
	uint64_t unit = target_map_align(&tr->t);
	bool reads = s->access == ACCESS_READ ||
		     s->access == ACCESS_READ_DIRECT;

	s->access_off = round_down64(tr->access_off % unit,
				     s->access == ACCESS_COPY ? PAGE : 8);
	s->line = start % PAGE;
	s->lead = 0;
	if (s->dev == DEV_FILE && reads && page >= PAGE &&
	    contiguous(&tr->t, page - PAGE, 2 * PAGE, &spa))
		s->lead = PAGE;
	set_sharing(tr, page);
	s->request = request_of(s);
}

/*
 * After a machine check the kernel has no mapping of the page that is bad, and where
 * another one is marked nothing would make it map it again: the next write to the
 * page, a repair for instance, is an oops.
 */
static int check_repairable(const struct trial *tr)
{
	const struct situation *s = &tr->s;
	bool consumes = s->poison != POISON_FLAGGED && tr->expected.failures;

	if (!consumes || !expect_marks_other(s) || tr->fatal_ok)
		return EXIT_OK;
	return complain(EXIT_REFUSED,
		"a machine check in a mapping of 2 MiB %s: Linux marks another "
		"page of '%s', and the next write to the poisoned one would be "
		"an oops: --yes-fatal is required",
		s->by_index ? "on XFS with rmapbt" : "since Linux 6.15",
		tr->t.name);
}

/*
 * Without a reverse mapping memory_failure() follows page->mapping, and from
 * 6.2 to 6.14 that is a marker, not a pointer, in a page whose blocks are
 * shared.
 */
static int check_survivable(const struct trial *tr)
{
	const struct situation *s = &tr->s;

	if (s->dev != DEV_FILE || !s->split || s->by_index ||
	    !family_is(s->family, FAMILY_65) ||
	    family_is(s->family, FAMILY_615) || !tr->expected.failures ||
	    tr->fatal_ok)
		return EXIT_OK;
	return complain(EXIT_REFUSED,
		"'%s' shares the page with other files, on XFS without "
		"rmapbt: this kernel does not survive a memory failure "
		"there: --yes-fatal is required", tr->t.name);
}

static int trial_plan(struct trial *tr, bool big_page)
{
	struct situation *s = &tr->s;
	int rc;

	s->dev = device_of(&tr->t);
	s->unlisted = cxl_region_at(tr->t.v[0].spa);
	rc = set_defaults(tr);
	if (!rc)
		rc = check_shape(tr);
	if (!rc)
		rc = check_options(tr);
	if (!rc)
		rc = choose_mapping(tr, big_page);
	if (!rc)
		rc = find_other(tr);
	if (rc)
		return rc;
	set_situation(tr);
	if ((s->by_consumer && s->map == MAP_IS_COPIED) ||
	    !expect_outcome(s, &tr->expected, &tr->source))
		return complain(EXIT_UNSUPPORTED,
			"the truth table has no row for '%s', %s %s, "
			"mapped %s, on '%s'", tr->mech->name,
			map_names[s->map], access_names[s->access],
			when_names[s->when], tr->t.name);
	rc = check_survivable(tr);
	return rc ? rc : check_repairable(tr);
}

int trial_family(int given, enum family *f)
{
	const char *env = getenv("POISONCTL_FAMILY");
	struct utsname u;
	int i;

	if (given != FAMILY_AUTO) {
		*f = (enum family)given;
		return EXIT_OK;
	}
	if (!env || !*env) {
		*f = uname(&u) ? FAMILY_61 : expect_family(u.release);
		return EXIT_OK;
	}
	for (i = 0; family_names[i]; i++)
		if (!strcmp(env, family_names[i])) {
			*f = (enum family)i;
			return EXIT_OK;
		}
	return complain(EXIT_USAGE, "unknown POISONCTL_FAMILY '%s'", env);
}

static int find_target(struct trial *tr, const char *name,
		       const struct place *place)
{
	int rc = target_resolve(name, place, false, &tr->t);

	if (rc)
		return rc;
	if (!target_has_node(&tr->t))
		return complain(EXIT_UNSUPPORTED,
			"a trial needs a device or a file, which '%s' has not",
			name);
	tr->access_off = target_dev_off(&tr->t, &tr->t.v[0]);
	return EXIT_OK;
}

int trial_prepare(struct trial *tr, const char *name, const struct place *place,
		  const struct mech_opts *o, bool big_page, struct deadline d)
{
	int rc = trial_state(tr);

	if (!rc)
		rc = find_target(tr, name, place);
	if (!rc)
		rc = mech_prepare(tr->mech, &tr->t, o, d);
	return rc ? rc : trial_plan(tr, big_page);
}
