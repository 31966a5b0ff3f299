/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The truth table: what must happen when poison is met, as data.
 *
 * An expected and an actual outcome are the same structure, so that one
 * function prints both and one compares them.  The rows are in expect-rows.c.
 */
#ifndef POISONCTL_EXPECT_H
#define POISONCTL_EXPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum access_kind {
	ACCESS_DEFAULT = -1,
	ACCESS_LOAD,		/* 8-byte load from a mapping */
	ACCESS_COPY,		/* rep movsb of the whole page out of it */
	ACCESS_ATOMIC,		/* lock xadd of 0 in it */
	ACCESS_EXEC,		/* a call into it */
	ACCESS_STORE,		/* 8-byte store to it */
	ACCESS_READ,		/* read(2), from one page in front if it can */
	ACCESS_READ_DIRECT,	/* the same with O_DIRECT */
	ACCESS_WRITE,		/* write(2) of the whole page */
	ACCESS_WRITE_DIRECT,	/* the same with O_DIRECT */
	ACCESS_WRITE_PART,	/* write(2) of 512 bytes of it */
	ACCESS_WRITE_FROM,	/* write(2) to a pipe, from the mapped page */
	ACCESS_DIRECT_FROM,	/* to another DAX file, from the mapped page */
	ACCESS_MSYNC,		/* msync(2) of the mapped page */
	ACCESS_FSYNC,		/* fsync(2) of the file */
	ACCESS_NONE,
	ACCESS_COUNT,
};

enum map_kind {
	MAP_IS_SHARED,
	MAP_IS_PRIVATE,
	MAP_IS_COPIED,		/* private, and stored to before the planting */
};

enum signal_policy {
	POLICY_HANDLER,
	POLICY_DEFAULT,		/* SIG_DFL */
	POLICY_EARLY,		/* a handler, and all ask for early kill */
	POLICY_LATE,		/* a handler, and all ask for late kill */
	POLICY_IGNORE,		/* SIG_IGN */
};

enum map_when { WHEN_BEFORE, WHEN_AFTER };

/* From families.def; those from FAMILY_65 on are later ones. */
enum family {
	FAMILY_AUTO = -1,
#define FAMILY(c, name, from, major, minor) FAMILY_##c,
#define FAMILY_KNOWN(major, minor)
#include "families.def"
#undef FAMILY
#undef FAMILY_KNOWN
	FAMILY_COUNT,
};

extern const char * const access_names[];
extern const char * const map_names[];
extern const char * const policy_names[];
extern const char * const when_names[];
extern const char * const family_names[];

/* Through what the bytes are reached. */
enum device_kind { DEV_FILE, DEV_DEVDAX, DEV_BLOCK, DEV_COUNT };

/* What is known about the page when the access is made. */
enum poison_state {
	POISON_LATENT,		/* the firmware knows, the kernel does not */
	POISON_LISTED,		/* and it is in badblocks */
	POISON_FLAGGED,		/* PG_hwpoison, in no list; the media is good */
	POISON_NOTED,		/* in badblocks only; the media is good */
	POISON_COUNT,
};

struct situation {
	enum device_kind dev;
	enum poison_state poison;
	bool by_consumer;	/* the consumer itself calls MADV_HWPOISON */
	enum access_kind access;
	enum map_kind map;
	enum signal_policy policy;
	enum map_when when;
	enum family family;
	bool maps;		/* the consumer has a mapping at all */
	bool dirty;		/* which was stored to before the planting */
	bool forked;		/* the access is a child's, forked after that */
	bool split;		/* other files share the blocks */
	bool other_file;	/* and the others map one of these */
	bool by_index;		/* the filesystem itself finds who maps the page */
	bool early;		/* those who map the page want early kill */
	bool unlisted;		/* CXL memory: nobody makes badblocks of what is met */
	int others;		/* processes that map the page besides */
	int threads;		/* of each process */
	int map_shift;		/* log2 of what one mapping entry covers */
	uint64_t into_map;	/* bytes of what one entry covers in front of it */
	uint64_t access_off;	/* bytes from the mapped page to the access */
	uint64_t lead;		/* bytes that read(2) asks for in front */
	uint64_t line;		/* bytes of the page in front of the poison */
	uint64_t request;	/* bytes that a system call asks for */
};

enum who {
	WHO_ONLY,		/* the process has one thread */
	WHO_ACCESSOR,		/* the thread that made the access */
	WHO_MAIN,		/* the first thread */
	WHO_OTHER,
};

/* A signal: code 0 means that none came. */
struct signal_info {
	int code;		/* BUS_* */
	int lsb;
	int64_t off;		/* si_addr, from the mapped page, in bytes */
	enum who thread;	/* that got it */
};

enum data_state {
	DATA_UNKNOWN,
	DATA_OLD,		/* as before the poison */
	DATA_NEW,		/* as written */
	DATA_ZERO,
	DATA_OTHER,
};

enum listing { LISTING_ANY, LISTING_YES, LISTING_NO };

#define MF_ANY	(-1)		/* number of memory failures: not decided */

struct outcome {
	bool planted;		/* the planting may signal the consumer */
	struct signal_info plant;
	bool accessed;
	struct signal_info access;
	int killed;		/* signal number that ended it, or 0 */
	bool syscall;		/* a system call was used */
	bool counted;		/* bytes has a meaning */
	uint64_t bytes;		/* that it, or the string copy, moved */
	int err[2];		/* errno, and another one that is as good */
	enum data_state data;
	bool bystander;		/* there are some that want early kill */
	bool others_live;
	struct signal_info other;	/* what each bystander got */
	bool last_only;		/* or the last one alone, the others nothing */
	enum listing badblock;
	enum listing record;	/* of the firmware */
	int failures;		/* memory_failure() calls that ended, or MF_ANY */
	bool failed;		/* one of them did not recover */
};

/* What a row of the truth table says. */
enum result {
	RES_CONSUMED,		/* #MC, memory_failure(): AR to the consumer */
	RES_REFUSED_ADRERR,	/* the fault fails, as any I/O error does */
	RES_REFUSED_AR,		/* the fault fails with VM_FAULT_HWPOISON */
	RES_NOT_COPIED,		/* the same, the page that was to be copied failed */
	RES_QUIET,		/* no signal, nothing said about the data */
	RES_OLD_DATA,		/* no signal, and the data is as before */
	RES_COPIED_DATA,	/* no signal, and the private copy is read */
	RES_ZEROED,		/* no signal, but the page's copy is zeroes */
	RES_EIO_AT_ONCE,	/* nothing of the extent comes back */
	RES_EIO_AT_PAGE,	/* the good pages in front come back */
	RES_EIO_AT_LINE,	/* all good bytes in front come back */
	RES_EFAULT_AT_LINE,	/* same, but EFAULT until it is listed */
	RES_ALL_OLD,		/* all bytes, as before */
	RES_ALL_COPIED,		/* all bytes, of the private copy */
	RES_WRITTEN,		/* all bytes */
	RES_REPAIRED,		/* all bytes, and the poison is gone */
	RES_EFAULT_AT_ONCE,	/* nothing written, no signal */
	RES_EFAULT_AND_AR,	/* #MC in the copy from user memory, all undone */
	RES_SHORT_AND_AR,	/* the same, the bytes in front are written */
	RES_SYNCED,		/* nothing to object to */
	RES_SYNC_EIO,		/* fsync(2) or msync(2) fails */
	RES_NOTHING,		/* no access was asked for */
	RES_COUNT,
};

/* How the page table of the consumer is when the access is made. */
enum reach {
	REACH_CLEAN,		/* mapped, but not for writing */
	REACH_DIRTY,		/* mapped for writing */
	REACH_FAULT,		/* not mapped, or not used: the access finds out */
};

#define BIT(n)	(1U << (n))

struct row {
	unsigned int devs, poisons, reaches, accesses, maps, families;
	enum result result;
	const char *source;
};

extern const struct row expect_rows[];
extern const size_t expect_nrows;

/**
 * expect_reach() - how the access of a situation finds the page table
 */
enum reach expect_reach(const struct situation *s);

/**
 * expect_marks_other() - does memory_failure() set PG_hwpoison on another page?
 *
 * On the first one of a huge mapping: dax_lock_mapping_entry() of fs/dax.c gives that
 * to mf_dax_kill_procs() (XFS with rmapbt), and since 6.15, where such a mapping is one
 * folio, mf_generic_kill_procs() takes it from there.
 */
bool expect_marks_other(const struct situation *s);

/**
 * expect_fits() - is a row about a situation?
 */
bool expect_fits(const struct row *r, const struct situation *s);

/**
 * expect_outcome() - look a situation up in the truth table
 * @s: the situation
 * @o: the outcome; a member that the table does not decide is 0, or MF_ANY
 * @source: receives where the row comes from
 *
 * Return: true; false if the table has no row, because the combination is
 * senseless or would bring the kernel down.
 */
bool expect_outcome(const struct situation *s, struct outcome *o,
		    const char **source);

/**
 * outcome_text() - an outcome in one line
 * @buf: receives it
 */
void outcome_text(const struct outcome *o, char *buf, size_t size);

/**
 * outcome_differs() - compare an actual outcome with the expected one
 * @why: receives the first difference, in words
 *
 * Return: true if they differ.
 */
bool outcome_differs(const struct outcome *expected,
		     const struct outcome *actual, char *why, size_t size);

/**
 * signal_differs() - is a signal not the expected one?
 *
 * Two that did not come are equal.
 */
bool signal_differs(const struct signal_info *expected,
		    const struct signal_info *actual);

/**
 * expect_family() - the kernel's family by its release
 * @release: as uname -r prints it
 *
 * Return: what families.def says, the first family for what is older than all.
 */
enum family expect_family(const char *release);

/**
 * family_is() - is a family another one, or does it inherit from that?
 */
bool family_is(enum family family, enum family from);

/**
 * signal_code_name() - name of a SIGBUS code
 */
const char *signal_code_name(int code);

/**
 * access_maps() - does an access go through a mapping of the page?
 *
 * False for the system calls that name the bytes by their file offset.
 */
bool access_maps(enum access_kind access);

/**
 * access_calls() - does an access report the result of a system call?
 */
bool access_calls(enum access_kind access);

#endif
