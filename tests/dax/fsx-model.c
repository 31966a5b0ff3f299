// SPDX-License-Identifier: GPL-2.0
/*
 * What the files of fsx must hold: their bytes, and which pages have the same block,
 * for poison is the block's.
 */
#include <string.h>
#include "fsx.h"

/* One for each page of each file, if nothing is shared; 0 is none. */
#define BLOCKS	(FILES * PAGES + 1)

/**
 * struct model - one file
 * @size: its size
 * @bytes: MOST of them; what is behind @size is 0
 * @block: of each page; a hole has none, nor has what was only reserved
 */
struct model {
	size_t size;
	unsigned char *bytes;
	unsigned short block[PAGES];
};

static struct model model[FILES], kept[FILES];
static unsigned short users[BLOCKS], kept_users[BLOCKS];
static bool bad[BLOCKS], kept_bad[BLOCKS];
static bool poison_is_refused;

/**
 * model_open() - empty files
 * @refused: is what is poisoned refused?  If not, poison has no effect
 */
void model_open(bool refused)
{
	unsigned int i;

	poison_is_refused = refused;
	for (i = 0; i < FILES; i++) {
		model[i].bytes = scratch(MOST, 0);
		kept[i].bytes = scratch(MOST, 0);
	}
}

static void copy_models(struct model *to, const struct model *from)
{
	unsigned int i;

	for (i = 0; i < FILES; i++) {
		to[i].size = from[i].size;
		memcpy(to[i].bytes, from[i].bytes, MOST);
		memcpy(to[i].block, from[i].block, sizeof(to[i].block));
	}
}

/**
 * model_keep() - remember all, for model_put_back()
 */
void model_keep(void)
{
	copy_models(kept, model);
	memcpy(kept_users, users, sizeof(users));
	memcpy(kept_bad, bad, sizeof(bad));
}

/**
 * model_put_back() - forget what was done since model_keep()
 */
void model_put_back(void)
{
	copy_models(model, kept);
	memcpy(users, kept_users, sizeof(users));
	memcpy(bad, kept_bad, sizeof(bad));
}

/**
 * model_size() - size of a file, bytes
 */
size_t model_size(unsigned int file)
{
	return model[file].size;
}

/**
 * model_bytes() - what a file must hold from @at on, up to MOST
 */
const unsigned char *model_bytes(unsigned int file, size_t at)
{
	return model[file].bytes + at;
}

/**
 * model_has_block() - was anything written to the page?
 */
bool model_has_block(unsigned int file, size_t page)
{
	return model[file].block[page];
}

/**
 * model_bad() - must an access to the page be refused?
 */
bool model_bad(unsigned int file, size_t page)
{
	return bad[model[file].block[page]];
}

/**
 * model_bad_part() - must it be refused to cut a page there?
 */
bool model_bad_part(unsigned int file, size_t at)
{
	return at % PAGE && model_bad(file, at / PAGE);
}

/**
 * model_shares() - is the page's block another page's, too?
 */
bool model_shares(unsigned int file, size_t page)
{
	return users[model[file].block[page]] > 1;
}

/**
 * model_same_block() - have two pages the same block?
 */
bool model_same_block(unsigned int file, size_t page, unsigned int other,
		size_t of)
{
	return model[file].block[page] && model[file].block[page] == model[other].block[of];
}

/**
 * model_bad_blocks() - how many blocks are poisoned
 */
unsigned int model_bad_blocks(void)
{
	unsigned int i, n = 0;

	for (i = 1; i < BLOCKS; i++)
		n += bad[i];
	return n;
}

/**
 * model_good() - how much of a range lies in front of its first bad page
 *
 * Return: bytes; not more than the file has.
 */
size_t model_good(unsigned int file, struct range range)
{
	size_t end = least(range.at + range.len, model[file].size), page;

	if (range.at >= end)
		return 0;
	for (page = range.at / PAGE; page * PAGE < end; page++)
		if (model_bad(file, page))
			return most(page * PAGE, range.at) - range.at;
	return end - range.at;
}

/* The part of a range that is in the page. */
static struct range in_page(struct range range, size_t page)
{
	size_t at = most(range.at, page * PAGE);

	return (struct range){
		at, least(range.at + range.len, (page + 1) * PAGE) - at
	};
}

/**
 * model_bad_edge() - does a range have part of a bad page, and nothing else of it?
 * @file: the file
 * @range: bytes; becomes that part, if there is one within the file's size
 */
bool model_bad_edge(unsigned int file, struct range *range)
{
	size_t edge[2] = {
		range->at / PAGE, (range->at + range->len - 1) / PAGE
	};
	unsigned int i;

	for (i = 0; i < 2; i++) {
		struct range part = in_page(*range, edge[i]);

		if (part.len < PAGE && part.at < model[file].size &&
		    model_bad(file, edge[i])) {
			*range = part;
			return true;
		}
	}
	return false;
}

static void release(struct model *m, size_t page)
{
	unsigned int block = m->block[page];

	m->block[page] = 0;
	/* whoever gets the block next gets a good one */
	if (block && !--users[block])
		bad[block] = false;
}

/* A block of the page's own: what is changed is not changed for others. */
static void own(struct model *m, size_t page)
{
	static unsigned int turn;

	if (m->block[page] && users[m->block[page]] == 1)
		return;
	release(m, page);
	do
		turn = turn % (BLOCKS - 1) + 1;
	while (users[turn]);
	users[turn] = 1;
	m->block[page] = turn;
}

/**
 * model_write() - bytes came into a file, by write(2) or by stores
 * @file: the file; it becomes as long as it has to be
 * @range: where
 * @bytes: what
 */
void model_write(unsigned int file, struct range range,
		const unsigned char *bytes)
{
	struct model *m = &model[file];
	size_t page;

	if (range.at > m->size)
		model_resize(file, range.at);
	for (page = range.at / PAGE; page < pages_up(range.at + range.len); page++) {
		own(m, page);
		if (in_page(range, page).len == PAGE)
			bad[m->block[page]] = false;
	}
	memcpy(m->bytes + range.at, bytes, range.len);
	m->size = most(m->size, range.at + range.len);
}

/**
 * model_zero() - a range was punched, or zeroed
 *
 * The blocks of whole pages go.
 */
void model_zero(unsigned int file, struct range range)
{
	struct model *m = &model[file];
	size_t page;

	for (page = range.at / PAGE; page < pages_up(range.at + range.len); page++) {
		struct range part = in_page(range, page);

		if (part.len == PAGE)
			release(m, page);
		else if (m->block[page] && part.at < m->size)
			own(m, page);
	}
	memset(m->bytes + range.at, 0, range.len);
}

/**
 * model_unshare() - the blocks of a range became the file's own
 */
void model_unshare(unsigned int file, struct range range)
{
	struct model *m = &model[file];
	size_t end = least(range.at + range.len, m->size), page;

	for (page = range.at / PAGE; page * PAGE < end; page++)
		if (m->block[page])
			own(m, page);
}

/**
 * model_resize() - a file was cut off, or grew by zeroes
 *
 * The last page is zeroed to its end when it is cut, and when the file grows, so that
 * its block is the file's own then, unless it is poisoned.
 */
void model_resize(unsigned int file, size_t size)
{
	struct model *m = &model[file];
	size_t edge = least(size, m->size), page;

	if (size == m->size)
		return;
	if (edge % PAGE && m->block[edge / PAGE] && !model_bad(file, edge / PAGE))
		own(m, edge / PAGE);
	for (page = pages_up(size); page < PAGES; page++)
		release(m, page);
	memset(m->bytes + edge, 0, MOST - edge);
	m->size = size;
}

/**
 * model_share() - pages of a file became those of another
 * @from: the file they are of
 * @source: where there; a whole page
 * @file: the file that has them now
 * @range: where there; begins with a page
 */
void model_share(unsigned int from, size_t source, unsigned int file,
		struct range range)
{
	struct model *s = &model[from], *m = &model[file];
	size_t page, first = source / PAGE, to = range.at / PAGE;

	if (range.at > m->size)
		model_resize(file, range.at);
	for (page = 0; page < pages_up(range.len); page++) {
		unsigned int block = s->block[first + page];

		/* first, or the block could go meanwhile */
		users[block]++;
		release(m, to + page);
		m->block[to + page] = block;
	}
	memmove(m->bytes + range.at, s->bytes + source, range.len);
	m->size = most(m->size, range.at + range.len);
}

/**
 * model_poison() - a page's block was poisoned
 */
void model_poison(unsigned int file, size_t page)
{
	bad[model[file].block[page]] = poison_is_refused;
}
