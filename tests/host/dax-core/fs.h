/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A filesystem: files of blocks of a page, some shared, some not there; how it
 * answers iomap; the driver below it and the caller's memory above.
 */
#ifndef DAX_SHIM_FS_H
#define DAX_SHIM_FS_H

struct dax_device;

/* --- iomap --- */
struct iomap {
	u64 addr;
	loff_t offset;
	u64 length;
	u16 type;
	u16 flags;
	struct dax_device *dax_dev;
};

struct iomap_iter {
	struct inode *inode;
	loff_t pos;
	u64 len;
	s64 processed;
	unsigned int flags;
	struct iomap iomap;
	struct iomap srcmap;
};

struct iomap_ops {
	int (*iomap_begin)(struct inode *inode, loff_t pos, loff_t length,
			unsigned int flags, struct iomap *iomap,
			struct iomap *srcmap);
	int (*iomap_end)(struct inode *inode, loff_t pos, loff_t length,
			ssize_t written, unsigned int flags, struct iomap *iomap);
};

#define IOMAP_HOLE		0
#define IOMAP_MAPPED		2
#define IOMAP_UNWRITTEN		3
#define IOMAP_F_NEW		1
#define IOMAP_F_DIRTY		2
#define IOMAP_F_SHARED		4
#define IOMAP_WRITE		BIT(0)
#define IOMAP_ZERO		BIT(1)
#define IOMAP_FAULT		BIT(3)
#define IOMAP_NOWAIT		BIT(5)
#define IOMAP_UNSHARE		BIT(7)
#define IOMAP_DAX		BIT(8)

int iomap_iter(struct iomap_iter *iter, const struct iomap_ops *ops);
static inline u64 iomap_length(const struct iomap_iter *iter)
{
	u64 end = iter->iomap.offset + iter->iomap.length;

	return min(iter->len, end - (u64)iter->pos);
}

/* --- the driver --- */
enum dax_access_mode { DAX_ACCESS, DAX_RECOVERY_WRITE };
long dax_direct_access(struct dax_device *dax_dev, pgoff_t pgoff, long nr,
		enum dax_access_mode mode, void **kaddr, pfn_t *pfn);
int dax_zero_page_range(struct dax_device *dax_dev, pgoff_t pgoff, size_t nr);
void dax_flush(struct dax_device *dax_dev, void *addr, size_t size);
int dax_read_lock(void);
void dax_read_unlock(int id);
unsigned long copy_mc_to_kernel(void *to, const void *from, size_t len);
void clear_mce_nospec(unsigned long pfn);

/* --- the caller's memory --- */
#define READ			0
#define WRITE			1
struct kvec {
	void *iov_base;
	size_t iov_len;
};

struct pipe_inode_info {
	unsigned int head;
	unsigned int tail;
	unsigned int max_usage;
};
#define pipe_full(head, tail, limit) ((head) - (tail) >= (limit))

/*
 * @good: bytes from the start that can be accessed at all; @present: those for
 * which no fault is needed.
 */
struct iov_iter {
	int direction;
	char *base;
	size_t done;
	size_t count;
	size_t good;
	size_t present;
	struct pipe_inode_info *pipe;
};

#define iov_iter_count(iter)	((iter)->count)
#define iov_iter_rw(iter)	((iter)->direction)
#define iov_iter_is_pipe(iter)	((iter)->pipe)
void iov_iter_kvec(struct iov_iter *iter, int direction, const struct kvec *vec,
		unsigned long nr, size_t count);
void iov_iter_revert(struct iov_iter *iter, size_t bytes);
size_t iov_iter_zero(size_t bytes, struct iov_iter *to);
size_t copy_from_iter(void *to, size_t bytes, struct iov_iter *from);
size_t fault_in_iov_iter_readable(struct iov_iter *from, size_t bytes);
size_t fault_in_iov_iter_writeable(const struct iov_iter *to, size_t bytes);
size_t dax_copy_from_iter(struct dax_device *dax_dev, pgoff_t pgoff, void *addr,
		size_t bytes, struct iov_iter *from);
size_t dax_copy_to_iter(struct dax_device *dax_dev, pgoff_t pgoff, void *addr,
		size_t bytes, struct iov_iter *to);
size_t dax_recovery_write(struct dax_device *dax_dev, pgoff_t pgoff, void *addr,
		size_t bytes, struct iov_iter *from);
void pagefault_disable(void);
void pagefault_enable(void);
unsigned long __get_free_page(gfp_t gfp);
void free_page(unsigned long page);

/* --- files --- */
typedef unsigned int errseq_t;

struct file {
	struct address_space *f_mapping;
	spinlock_t f_lock;
	errseq_t f_wb_err;
};
#define file_inode(file)	((file)->f_mapping->host)

struct kiocb {
	struct file *ki_filp;
	loff_t ki_pos;
	int ki_flags;
};
#define IOCB_NOWAIT		BIT(3)

#define i_size_read(inode)	READ_ONCE((inode)->i_size)
#define i_blocksize(inode)	(1U << (inode)->i_blkbits)
#define lockdep_assert_held_write(lock) ((void)(lock))

void filemap_invalidate_lock(struct address_space *mapping);
void filemap_invalidate_lock_shared(struct address_space *mapping);
void filemap_invalidate_unlock(struct address_space *mapping);
int down_write_trylock(pthread_rwlock_t *lock);
int vfs_fsync_range(struct file *file, loff_t start, loff_t end, int datasync);
int __generic_remap_file_range_prep(struct file *file_in, loff_t pos_in,
		struct file *file_out, loff_t pos_out, loff_t *len,
		unsigned int remap_flags, const struct iomap_ops *ops);

/* --- for the cases --- */
#define FILE_PAGES		1536UL	/* three PMDs */

/*
 * A block of a file: its page frame, 0 for none; and the one that takes its place
 * when a write that has begun ends well.
 */
struct shim_block {
	unsigned long pfn;
	unsigned long cow;
	bool unwritten;
	bool cow_hole;		/* a write finds a new block waiting over a hole */
};

struct shim_file {
	struct inode inode;
	struct address_space mapping;
	struct file file;
	struct shim_block block[FILE_PAGES];
	/* how it answers */
	pgoff_t largest;	/* extent, pages */
	pgoff_t error_at;	/* iomap_begin of this page fails, once asked */
	int error;
	int begins;
	int ends;
	bool sync;		/* its mappings are MAP_SYNC */
	bool dirty_metadata;	/* and what leads to the blocks is not durable */
	int dirty_from;		/* so is it from this question on, if it is not 0 */
	bool fail_sync;		/* they cannot be made durable */
	int late;		/* errors of writeback that nobody was told of */
	bool joins;		/* new blocks and written ones behind are one mapping */
	bool whole;		/* it does as XFS to a file that shares: unwritten extents
				 * are written as a whole, to unshare gives holes blocks */
	bool small;		/* no huge pages, as on memory in fragments */
	bool may_be_stale;	/* entries of blocks that were moved are no fault */
};

extern const struct iomap_ops shim_ops;

struct shim_file *new_file(pgoff_t pages);
/* One with a block for each page, from PFN on, and without huge pages. */
struct shim_file *new_small_file(pgoff_t pages);
void free_file(struct shim_file *file);
/* Give @nr blocks from @index on the page frames from @pfn on. */
void give(struct shim_file *file, pgoff_t index, unsigned long pfn, pgoff_t nr);
/* A store to the block, shared or not, will find a new one waiting. */
void preallocate(struct shim_file *file, pgoff_t index);
void clone_file(struct shim_file *from, struct shim_file *to, pgoff_t index,
		pgoff_t nr);
/* Take blocks from @index on away: the lock, the wait and the order of truncation. */
void punch(struct shim_file *file, pgoff_t index, pgoff_t nr);
unsigned long block_of(struct shim_file *file, pgoff_t index);
int fsync_file(struct shim_file *file);
int sync_file(struct shim_file *file);

/* Set or clear what is wrong with a page. */
void bad_block(unsigned long pfn);
void latent(unsigned long pfn);
bool is_bad_block(unsigned long pfn);

#endif
