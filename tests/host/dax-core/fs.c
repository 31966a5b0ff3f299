// SPDX-License-Identifier: GPL-2.0
/*
 * A filesystem for the DAX core in user space.  It answers iomap as XFS and ext4
 * do for DAX: new blocks are zeroed, a write to a shared block gets one with
 * somebody else's bytes in it, which takes the place of the other when the write has
 * ended, or goes back if nothing was written.
 */
#include <stdlib.h>

#include "case.h"

#define FIRST_FREE	1024UL	/* blocks below are for the cases to give */
#define STALE		0xdd
#define FREED		0xee

static int users[SHIM_PAGES];
static bool freed[SHIM_PAGES];
static pthread_mutex_t ilock = PTHREAD_MUTEX_INITIALIZER;

void new_filesystem(void)
{
	memset(users, 0, sizeof(users));
	memset(freed, 0, sizeof(freed));
}

static struct shim_file *file_of(struct inode *inode)
{
	return container_of(inode, struct shim_file, inode);
}

struct shim_file *new_file(pgoff_t pages)
{
	struct shim_file *file = calloc(1, sizeof(*file));

	file->inode.i_mapping = &file->mapping;
	file->inode.i_mode = S_IFREG;
	file->inode.i_blkbits = PAGE_SHIFT;
	file->inode.i_size = (loff_t)pages << PAGE_SHIFT;
	file->inode.dax = true;
	file->mapping.host = &file->inode;
	file->file.f_mapping = &file->mapping;
	spin_lock_init(&file->file.f_lock);
	file->largest = FILE_PAGES;
	file->error_at = ULONG_MAX;
	pthread_rwlock_init(&file->mapping.invalidate_lock, NULL);
	xa_init_flags(&file->mapping.i_pages, XA_FLAGS_LOCK_IRQ);
	return file;
}

struct shim_file *new_small_file(pgoff_t pages)
{
	struct shim_file *file = new_file(pages);

	file->small = true;
	give(file, 0, PFN, pages);
	return file;
}

/* --- blocks --- */
static void use(unsigned long pfn)
{
	users[pfn]++;
	freed[pfn] = false;
}

static void unuse(unsigned long pfn)
{
	if (!pfn || --users[pfn])
		return;
	freed[pfn] = true;
	memset(shim_media[pfn], FREED, PAGE_SIZE);
}

/* @nr free blocks in a row, aligned as many. */
static unsigned long find_free(pgoff_t nr)
{
	unsigned long pfn, i;

	for (pfn = FIRST_FREE; pfn + nr <= SHIM_PAGES; pfn += nr) {
		for (i = 0; i < nr && !users[pfn + i]; i++)
			;
		if (i == nr)
			return pfn;
	}
	return 0;
}

static void take(unsigned long pfn, int byte)
{
	use(pfn);
	memset(shim_media[pfn], byte, PAGE_SIZE);
	memset(shim_durable[pfn], byte, PAGE_SIZE);
}

void give(struct shim_file *file, pgoff_t index, unsigned long pfn, pgoff_t nr)
{
	pgoff_t i;

	for (i = 0; i < nr; i++) {
		file->block[index + i].pfn = pfn + i;
		take(pfn + i, (int)(index + i) | 1);
	}
}

unsigned long block_of(struct shim_file *file, pgoff_t index)
{
	return file->block[index].pfn;
}

void preallocate(struct shim_file *file, pgoff_t index)
{
	file->block[index].cow = find_free(1);
	take(file->block[index].cow, STALE);
}

static bool is_shared(const struct shim_block *b)
{
	return b->pfn && users[b->pfn] > 1;
}

/* Is the block of a page behind that of the page before, in all respects? */
static bool goes_on(const struct shim_block *a, const struct shim_block *b)
{
	return !a->pfn == !b->pfn && (!a->pfn || b->pfn == a->pfn + 1) &&
		!a->cow == !b->cow && (!a->cow || b->cow == a->cow + 1) &&
		a->unwritten == b->unwritten && a->cow_hole == b->cow_hole &&
		is_shared(a) == is_shared(b);
}

static void describe(struct iomap *iomap, pgoff_t first, pgoff_t nr,
		unsigned long pfn, bool unwritten)
{
	iomap->offset = (loff_t)first << PAGE_SHIFT;
	iomap->length = (u64)nr << PAGE_SHIFT;
	iomap->addr = (u64)pfn << PAGE_SHIFT;
	iomap->type = !pfn ? IOMAP_HOLE :
		unwritten ? IOMAP_UNWRITTEN : IOMAP_MAPPED;
	iomap->flags = 0;
}

/* Blocks for a write: in place of none, of unwritten ones, of shared ones. */
static int allocate(struct shim_file *file, pgoff_t first, pgoff_t nr)
{
	struct shim_block *b = &file->block[first];
	bool cow = is_shared(b) || b->cow_hole;
	unsigned long pfn;
	pgoff_t i;

	if (b->cow || (b->pfn && !cow && !b->unwritten))
		return 0;
	pfn = b->unwritten && !cow ? b->pfn : find_free(nr);
	if (!pfn)
		return -ENOSPC;
	for (i = 0; i < nr; i++) {
		if (cow) {
			take(pfn + i, STALE);
			b[i].cow = pfn + i;
			continue;
		}
		if (!b[i].pfn)
			use(pfn + i);
		b[i].pfn = pfn + i;
		b[i].unwritten = false;
		memset(shim_media[pfn + i], 0, PAGE_SIZE);
		memset(shim_durable[pfn + i], 0, PAGE_SIZE);
	}
	return cow ? 0 : IOMAP_F_NEW;
}

/* The extent that contains @index, not longer than the file has them. */
static void extent(struct shim_file *file, pgoff_t index, pgoff_t *first,
		pgoff_t *nr)
{
	pgoff_t last = index;

	*first = index;
	while (*first > 0 && *first % file->largest &&
	       goes_on(&file->block[*first - 1], &file->block[*first]))
		--*first;
	while (last + 1 < FILE_PAGES && (last + 1) % file->largest &&
	       goes_on(&file->block[last], &file->block[last + 1]))
		last++;
	*nr = last - *first + 1;
}

static int shim_begin(struct inode *inode, loff_t pos, loff_t length,
		unsigned int flags, struct iomap *iomap, struct iomap *srcmap)
{
	struct shim_file *file = file_of(inode);
	pgoff_t index = pos >> PAGE_SHIFT, first, nr, i;
	struct shim_block *b = &file->block[index];
	bool write = flags & (IOMAP_WRITE | IOMAP_ZERO | IOMAP_UNSHARE);
	int fresh = 0;

	might_sleep();
	__atomic_add_fetch(&file->begins, 1, __ATOMIC_RELAXED);
	if (index == file->error_at)
		return file->error;
	mutex_lock(&ilock);
	extent(file, index, &first, &nr);
	if (write && !((flags & IOMAP_ZERO) && !is_shared(b)) &&
	    !((flags & IOMAP_UNSHARE) && !is_shared(b) && !file->whole)) {
		pgoff_t asked = PFN_UP(pos + length);

		/* not more than was asked for */
		nr = (file->whole ? first + nr : min(first + nr, asked)) - index;
		first = index;
		fresh = allocate(file, first, nr);
		while (fresh && file->joins && first + nr < asked &&
		       goes_on(&file->block[first + nr - 1], &file->block[first + nr]))
			nr++;
	}
	b = &file->block[first];
	for (i = 1; i < nr && goes_on(b + i - 1, b + i); i++)
		;
	if (i < nr)
		nr = i;
	describe(iomap, first, nr, write && b->cow ? b->cow : b->pfn,
		 b->unwritten && !(write && b->cow));
	if (write && b->cow) {
		iomap->flags = IOMAP_F_SHARED;
		describe(srcmap, first, nr, b->pfn, b->unwritten);
	}
	mutex_unlock(&ilock);
	if (fresh < 0)
		return fresh;
	iomap->flags |= fresh;
	if (file->dirty_metadata ||
	    (file->dirty_from && file->begins >= file->dirty_from))
		iomap->flags |= IOMAP_F_DIRTY;
	return 0;
}

static int shim_end(struct inode *inode, loff_t pos, loff_t length,
		ssize_t written, unsigned int flags, struct iomap *iomap)
{
	struct shim_file *file = file_of(inode);
	pgoff_t index = pos >> PAGE_SHIFT;
	loff_t end = pos + (written ? written : length);

	might_sleep();
	__atomic_add_fetch(&file->ends, 1, __ATOMIC_RELAXED);
	if (!(iomap->flags & IOMAP_F_SHARED))
		return 0;
	mutex_lock(&ilock);
	for (; ((loff_t)index << PAGE_SHIFT) < end; index++) {
		struct shim_block *b = &file->block[index];

		if (!b->cow)
			continue;
		if (!written) {
			unuse(b->cow);
		} else {
			unuse(b->pfn);
			b->pfn = b->cow;
			b->unwritten = b->cow_hole = false;
		}
		b->cow = 0;
	}
	mutex_unlock(&ilock);
	return 0;
}

const struct iomap_ops shim_ops = {
	.iomap_begin	= shim_begin,
	.iomap_end	= shim_end,
};

/* The end of one step, and whether there is another: as fs/iomap/iter.c. */
int iomap_iter(struct iomap_iter *iter, const struct iomap_ops *ops)
{
	int error;

	if (iter->iomap.length) {
		s64 done = iter->processed;

		if (iter->pos < iter->iomap.offset ||
		    done > (s64)iomap_length(iter))
			sched_fail("more was processed than there is");
		error = ops->iomap_end(iter->inode, iter->pos,
				       iomap_length(iter), done > 0 ? done : 0,
				       iter->flags, &iter->iomap);
		if (error < 0 && !done)
			return error;
		if (done <= 0)
			return done;
		iter->pos += done;
		iter->len -= done;
	}
	if (!iter->len)
		return 0;
	iter->processed = 0;
	memset(&iter->iomap, 0, sizeof(iter->iomap));
	memset(&iter->srcmap, 0, sizeof(iter->srcmap));
	error = ops->iomap_begin(iter->inode, iter->pos, iter->len, iter->flags,
				 &iter->iomap, &iter->srcmap);
	return error < 0 ? error : 1;
}

/* --- what a filesystem does to files --- */
int fsync_file(struct shim_file *file)
{
	struct writeback_control wbc = {
		.sync_mode	= WB_SYNC_ALL,
		.range_end	= LLONG_MAX,
	};

	return dax_writeback_mapping_range(&file->mapping, NULL, &wbc);
}

/*
 * As sync(2): pages of inodes that are dirty, one writeback of an inode at a time; it is
 * clean afterwards unless a page is tagged (__writeback_single_inode()).
 */
int sync_file(struct shim_file *file)
{
	static DEFINE_MUTEX(i_sync);
	int error = 0;

	mutex_lock(&i_sync);
	if (READ_ONCE(file->inode.dirty)) {
		error = fsync_file(file);
		WRITE_ONCE(file->inode.dirty, false);
		sched_point();
		if (xa_marked(&file->mapping.i_pages, PAGECACHE_TAG_DIRTY))
			WRITE_ONCE(file->inode.dirty, true);
	}
	mutex_unlock(&i_sync);
	return error;
}

int vfs_fsync_range(struct file *file, loff_t start, loff_t end, int datasync)
{
	struct shim_file *f = file_of(file_inode(file));

	if (f->late) {
		f->late--;
		file->f_wb_err++;
		return -EIO;
	}
	f->dirty_metadata = false;
	if (shim_calls.on_sync)
		shim_calls.mapped_at_sync = mapped(shim_calls.on_sync, 2);
	return f->fail_sync ? f->error : fsync_file(f);
}

int __generic_remap_file_range_prep(struct file *file_in, loff_t pos_in,
		struct file *file_out, loff_t pos_out, loff_t *len,
		unsigned int remap_flags, const struct iomap_ops *ops)
{
	return fsync_file(file_of(file_inode(file_in))) ?:
		fsync_file(file_of(file_inode(file_out)));
}

/* As truncate_inode_pages_range() does to entries, with faults kept out. */
static void forget(struct shim_file *file, pgoff_t index, pgoff_t nr)
{
	XA_STATE(xas, &file->mapping.i_pages, index);
	void *entry;

	unmap_mapping_pages(&file->mapping, index, nr, false);
	for (;;) {
		xas_set(&xas, index);
		xas_lock_irq(&xas);
		entry = xas_find(&xas, index + nr - 1);
		xas_unlock_irq(&xas);
		if (!entry)
			break;
		dax_delete_mapping_entry(&file->mapping, xas.xa_index);
	}
}

void punch(struct shim_file *file, pgoff_t index, pgoff_t nr)
{
	struct page *busy;
	pgoff_t i;

	for (;;) {
		filemap_invalidate_lock(&file->mapping);
		busy = dax_layout_busy_page_range(&file->mapping,
				(loff_t)index << PAGE_SHIFT,
				((loff_t)(index + nr) << PAGE_SHIFT) - 1);
		if (!busy)
			break;
		filemap_invalidate_unlock(&file->mapping);
		if (!sched_scheduled())
			sched_fail("a page is pinned");
		sched_point();
	}
	fsync_file(file);
	forget(file, index, nr);
	mutex_lock(&ilock);
	for (i = index; i < index + nr; i++) {
		unuse(file->block[i].pfn);
		unuse(file->block[i].cow);
		file->block[i] = (struct shim_block){ };
	}
	mutex_unlock(&ilock);
	filemap_invalidate_unlock(&file->mapping);
}

void clone_file(struct shim_file *from, struct shim_file *to, pgoff_t index,
		pgoff_t nr)
{
	loff_t len = (loff_t)nr << PAGE_SHIFT;
	pgoff_t i;

	filemap_invalidate_lock(&from->mapping);
	filemap_invalidate_lock(&to->mapping);
	dax_remap_file_range_prep(&from->file, (loff_t)index << PAGE_SHIFT,
				  &to->file, (loff_t)index << PAGE_SHIFT, &len, 0,
				  &shim_ops);
	forget(to, index, nr);
	mutex_lock(&ilock);
	for (i = index; i < index + nr; i++) {
		unuse(to->block[i].pfn);
		to->block[i] = from->block[i];
		if (to->block[i].pfn)
			use(to->block[i].pfn);
	}
	mutex_unlock(&ilock);
	filemap_invalidate_unlock(&to->mapping);
	filemap_invalidate_unlock(&from->mapping);
}

void free_file(struct shim_file *file)
{
	struct vm_area_struct *vma, *next;

	forget(file, 0, FILE_PAGES);
	for (vma = file->mapping.i_mmap; vma; vma = next) {
		next = vma->next;
		free(vma);
	}
	if (file->mapping.nrpages || !xa_empty(&file->mapping.i_pages))
		sched_fail("a file without entries has %lu",
			   file->mapping.nrpages);
	free(file);
}

/* Nobody has written to a block after it was given back. */
void check_freed(void)
{
	unsigned long pfn, i;

	for (pfn = 0; pfn < SHIM_PAGES; pfn++)
		for (i = 0; freed[pfn] && i < PAGE_SIZE; i++)
			if ((unsigned char)shim_media[pfn][i] != FREED)
				sched_fail("block %#lx was written after it was freed",
					   pfn);
}
