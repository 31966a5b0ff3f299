// SPDX-License-Identifier: GPL-2.0
/*
 * Tasks, wait queues, node memory and inodes for the DAX core in user space.
 *
 * A task sleeps on a condition variable of its own.  The queue's rules are the
 * kernel's: exclusive waiters at the tail, others at the head, a wake-up goes on
 * until it has woken as many exclusive ones as it was asked to.
 */
#include <stdlib.h>
#include <string.h>

#include "shim.h"
#include "case.h"
#include <linux/slab.h>

struct shim_task {
	pthread_mutex_t lock;
	pthread_cond_t woken;
	bool sleeping;
};

static __thread struct shim_task shim_self = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.woken = PTHREAD_COND_INITIALIZER,
};

struct shim_task *shim_current(void)
{
	return &shim_self;
}

static int shim_nr_sleepers;

int shim_warnings;
int shim_mapping_checks;
bool shim_killed;
struct page shim_pages[SHIM_PAGES];

void init_waitqueue_head(wait_queue_head_t *wq)
{
	pthread_mutex_init(&wq->lock, NULL);
	INIT_LIST_HEAD(&wq->list);
}

void init_wait(wait_queue_entry_t *wait)
{
	memset(wait, 0, sizeof(*wait));
	wait->task = &shim_self;
	wait->func = autoremove_wake_function;
	INIT_LIST_HEAD(&wait->entry);
}

static void shim_prepare(wait_queue_head_t *wq, wait_queue_entry_t *wait,
		bool exclusive)
{
	pthread_mutex_lock(&wq->lock);
	wait->exclusive = exclusive;
	wait->head = wq;
	if (list_empty(&wait->entry)) {
		if (exclusive)
			list_add_tail(&wait->entry, &wq->list);
		else
			list_add(&wait->entry, &wq->list);
		__atomic_add_fetch(&wq->waiters, 1, __ATOMIC_SEQ_CST);
	}
	pthread_mutex_lock(&wait->task->lock);
	wait->task->sleeping = true;
	pthread_mutex_unlock(&wait->task->lock);
	pthread_mutex_unlock(&wq->lock);
}

void prepare_to_wait(wait_queue_head_t *wq, wait_queue_entry_t *wait, int mode)
{
	shim_prepare(wq, wait, false);
}

void prepare_to_wait_exclusive(wait_queue_head_t *wq, wait_queue_entry_t *wait,
		int mode)
{
	shim_prepare(wq, wait, true);
}

static void shim_remove(wait_queue_entry_t *wait)
{
	list_del_init(&wait->entry);
	__atomic_sub_fetch(&wait->head->waiters, 1, __ATOMIC_SEQ_CST);
}

void finish_wait(wait_queue_head_t *wq, wait_queue_entry_t *wait)
{
	pthread_mutex_lock(&wq->lock);
	if (!list_empty(&wait->entry))
		shim_remove(wait);
	pthread_mutex_unlock(&wq->lock);
}

int autoremove_wake_function(wait_queue_entry_t *wait, unsigned int mode,
		int sync, void *key)
{
	struct shim_task *task = wait->task;
	int woken;

	shim_remove(wait);
	pthread_mutex_lock(&task->lock);
	woken = task->sleeping;
	task->sleeping = false;
	pthread_cond_signal(&task->woken);
	pthread_mutex_unlock(&task->lock);
	sched_wake(task);
	return woken;
}

bool waitqueue_active(wait_queue_head_t *wq)
{
	return __atomic_load_n(&wq->waiters, __ATOMIC_SEQ_CST);
}

void __wake_up(wait_queue_head_t *wq, unsigned int mode, int nr_exclusive,
		void *key)
{
	struct wait_queue_entry *wait, *next;

	pthread_mutex_lock(&wq->lock);
	list_for_each_entry_safe(wait, next, &wq->list, entry) {
		bool exclusive = wait->exclusive;

		if (wait->func(wait, mode, 0, key) && exclusive &&
		    !--nr_exclusive)
			break;
	}
	pthread_mutex_unlock(&wq->lock);
}

void schedule(void)
{
	might_sleep();
	if (sched_scheduled()) {
		while (shim_self.sleeping)
			sched_wait(&shim_self);
		return;
	}
	pthread_mutex_lock(&shim_self.lock);
	__atomic_add_fetch(&shim_nr_sleepers, 1, __ATOMIC_SEQ_CST);
	while (shim_self.sleeping)
		pthread_cond_wait(&shim_self.woken, &shim_self.lock);
	__atomic_sub_fetch(&shim_nr_sleepers, 1, __ATOMIC_SEQ_CST);
	pthread_mutex_unlock(&shim_self.lock);
}

int shim_sleepers(void)
{
	return __atomic_load_n(&shim_nr_sleepers, __ATOMIC_SEQ_CST);
}

/* --- nodes of the XArray --- */
struct kmem_cache *radix_tree_node_cachep;
int shim_nodes;
bool shim_no_memory;
int shim_nodes_left = -1;

void *kmem_cache_alloc_lru(struct kmem_cache *cachep, struct list_lru *lru,
		int gfp)
{
	struct xa_node *node;

	if (shim_no_memory || !shim_nodes_left)
		return NULL;
	if (shim_nodes_left > 0)
		shim_nodes_left--;
	node = calloc(1, sizeof(*node));
	INIT_LIST_HEAD(&node->private_list);
	__atomic_add_fetch(&shim_nodes, 1, __ATOMIC_SEQ_CST);
	return node;
}

void kmem_cache_free(struct kmem_cache *cachep, void *node)
{
	__atomic_sub_fetch(&shim_nodes, 1, __ATOMIC_SEQ_CST);
	free(node);
}

void radix_tree_node_rcu_free(struct rcu_head *head)
{
	kmem_cache_free(NULL, container_of(head, struct xa_node, rcu_head));
}

/* --- what the core calls outside --- */
struct shim_calls shim_calls;

void tag_pages_for_writeback(struct address_space *mapping, pgoff_t start,
		pgoff_t end)
{
	XA_STATE(xas, &mapping->i_pages, start);
	void *entry;

	xas_lock_irq(&xas);
	xas_for_each_marked(&xas, entry, end, PAGECACHE_TAG_DIRTY)
		xas_set_mark(&xas, PAGECACHE_TAG_TOWRITE);
	xas_unlock_irq(&xas);
}

/* As mm has it: entries that are clean, then what of the range is mapped. */
int invalidate_inode_pages2_range(struct address_space *mapping,
		pgoff_t start, pgoff_t end)
{
	unsigned long index = start;
	void *entry;

	might_sleep();
	entry = xa_find(&mapping->i_pages, &index, end, XA_PRESENT);
	while (entry) {
		dax_invalidate_mapping_entry_sync(mapping, index);
		entry = xa_find_after(&mapping->i_pages, &index, end, XA_PRESENT);
	}
	unmap_mapping_pages(mapping, start, end - start + 1, false);
	return 0;
}

bool dax_mapping(struct address_space *mapping)
{
	__atomic_add_fetch(&shim_mapping_checks, 1, __ATOMIC_RELAXED);
	sched_point();
	return mapping->host && mapping->host->dax;
}

int kstrtoul(const char *text, unsigned int base, unsigned long *value)
{
	char *end;

	*value = strtoul(text, &end, base);
	return *end || end == text ? -EINVAL : 0;
}

/* --- memory that is not nodes; inodes --- */
int shim_allocations;

void *kmalloc(size_t size, gfp_t gfp)
{
	if (shim_no_memory)
		return NULL;
	__atomic_add_fetch(&shim_allocations, 1, __ATOMIC_SEQ_CST);
	return malloc(size);
}

void kfree(void *p)
{
	if (p)
		__atomic_sub_fetch(&shim_allocations, 1, __ATOMIC_SEQ_CST);
	free(p);
}

struct inode *igrab(struct inode *inode)
{
	__atomic_add_fetch(&inode->references, 1, __ATOMIC_SEQ_CST);
	return inode;
}

void iput(struct inode *inode)
{
	__atomic_sub_fetch(&inode->references, 1, __ATOMIC_SEQ_CST);
}

int mf_dax_kill_procs(struct address_space *mapping, pgoff_t index,
		unsigned long count, int mf_flags)
{
	struct page *page = NULL;
	dax_entry_t cookie;
	unsigned int told;

	assert_true(READ_ONCE(mapping->host->references) > 0);
	assert_int_equal(count, 1);
	if (shim_calls.on_tell)
		shim_calls.on_tell(mapping, index);
	cookie = dax_lock_mapping_entry(mapping, index, &page);
	if (!cookie)
		return -EBUSY;
	if (page) {
		SetPageHWPoison(page);
		told = __atomic_fetch_add(&shim_calls.told, 1, __ATOMIC_SEQ_CST);
		if (told < ARRAY_SIZE(shim_calls.told_at))
			shim_calls.told_at[told] =
				(struct dax_place){ mapping, index };
	}
	dax_unlock_mapping_entry(mapping, index, cookie);
	return 0;
}

/* xarray.c wants it of lib/bitmap.c, which user space does not have */
void bitmap_clear(unsigned long *map, unsigned int start, int len)
{
	while (len--)
		__clear_bit(start++, map);
}

void *memchr_inv(const void *start, int byte, size_t len)
{
	const unsigned char *p = start;

	for (; len; len--, p++)
		if (*p != (unsigned char)byte)
			return (void *)p;
	return NULL;
}
