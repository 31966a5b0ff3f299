// SPDX-License-Identifier: GPL-2.0
/*
 * The entry lock: the page lock of DAX.
 *
 * A bit in the entry says that it is locked.  Whoever holds it may sleep, and
 * meanwhile the entry neither goes away nor changes, the pages behind it stay
 * associated with this mapping and index, and, since truncation waits for the
 * lock, the inode cannot be freed.
 *
 * The bit is read and written under the lock of the XArray, which is the only
 * spinlock involved.  Waiters sleep in a table of wait queues that is shared by
 * all mappings; a queue is found by hashing the XArray's address and the start
 * of the entry, and a waiter is woken only by its own pair of the two.
 */
#include "lock.h"
#include <linux/hash.h>
#include <linux/sched.h>
#include <linux/wait.h>
#include "trace.h"

#define DAX_WAIT_BITS	12

static wait_queue_head_t dax_wait_table[1 << DAX_WAIT_BITS];

/*
 * How many there are in all queues.  Who is about to wait adds itself under the lock of
 * the XArray, so that who unlocks under it can trust in 0.
 */
static atomic_t dax_waiting;

static int __init dax_wait_table_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(dax_wait_table); i++)
		init_waitqueue_head(&dax_wait_table[i]);
	return 0;
}
fs_initcall(dax_wait_table_init);

struct dax_wait_key {
	struct xarray *xa;
	pgoff_t start;
};

struct dax_waiter {
	wait_queue_entry_t wait;
	struct dax_wait_key key;
};

static wait_queue_head_t *dax_wait_queue(struct xa_state *xas,
		struct dax_entry entry, struct dax_wait_key *key)
{
	unsigned long hash;

	/*
	 * The start, not the index asked for: those who wait for a PMD by way
	 * of different pages must meet in one queue.
	 */
	key->xa = xas->xa;
	key->start = dax_entry_start(entry, xas->xa_index);
	hash = hash_long((unsigned long)key->xa ^ key->start, DAX_WAIT_BITS);
	return &dax_wait_table[hash];
}

static int dax_waiter_wake(wait_queue_entry_t *wait, unsigned int mode,
		int sync, void *arg)
{
	struct dax_waiter *waiter = container_of(wait, struct dax_waiter, wait);
	struct dax_wait_key *key = arg;

	if (waiter->key.xa != key->xa || waiter->key.start != key->start)
		return 0;
	return autoremove_wake_function(wait, mode, sync, NULL);
}

static void dax_waiter_init(struct dax_waiter *waiter)
{
	init_wait(&waiter->wait);
	waiter->wait.func = dax_waiter_wake;
}

static void xas_dax_wake(struct xa_state *xas, struct dax_entry entry,
		int nr_exclusive)
{
	struct dax_wait_key key;
	wait_queue_head_t *wq;

	if (likely(!atomic_read(&dax_waiting)))
		return;
	wq = dax_wait_queue(xas, entry, &key);
	/*
	 * An empty queue can be trusted without its lock: a waiter joins the
	 * queue under the XArray's lock, which we hold, and only after it saw
	 * the entry locked.
	 */
	if (waitqueue_active(wq))
		__wake_up(wq, TASK_NORMAL, nr_exclusive, &key);
}

/**
 * xas_dax_wake_all() - wake everybody who waits for an entry
 * @xas: cursor within the entry
 * @entry: the entry that was removed or changed its size
 *
 * Context: The XArray's lock is held and is not dropped.
 */
void xas_dax_wake_all(struct xa_state *xas, struct dax_entry entry)
{
	xas_dax_wake(xas, entry, 0);
}

/**
 * xas_dax_pass_on() - give back an unlocked entry without having locked it
 * @xas: cursor within the entry
 * @entry: what xas_dax_get_unlocked() found, or no entry
 *
 * Getting an entry may have eaten a wake-up, of which there is one for each
 * unlock.  Who then does not lock the entry has no unlock to come and wakes the
 * next one here, or that one sleeps for good.
 *
 * Context: The XArray's lock is held and is not dropped.
 */
void xas_dax_pass_on(struct xa_state *xas, struct dax_entry entry)
{
	if (dax_entry_exists(entry))
		xas_dax_wake(xas, entry, 1);
}

static enum dax_lookup xas_dax_find(struct xa_state *xas, unsigned int order,
		struct dax_entry *entry)
{
	/*
	 * For a PMD this looks through all of its 512 slots, so that a page's
	 * entry anywhere among them is seen, and a store cannot overwrite it.
	 */
	void *slot = xas_find_conflict(xas);

	*entry = DAX_NO_ENTRY;
	if (!slot)
		return DAX_LOOKUP_NONE;
	if (WARN_ON_ONCE(!xa_is_value(slot)))
		return DAX_LOOKUP_FOREIGN;
	entry->slot = slot;
	if (dax_entry_order(*entry) < order)
		return DAX_LOOKUP_CONFLICT;
	return DAX_LOOKUP_FOUND;
}

/**
 * xas_dax_get_unlocked() - find an entry, wait until it is not locked
 * @xas: cursor of the size in question; in a walk over entries it must be reset
 *	before it goes on, if nothing was found
 * @order: smallest size of entry that will do: 0 or DAX_PMD_ORDER
 * @entry: the entry found, unlocked; only where the result says so
 *
 * The caller locks the entry, removes it, or calls xas_dax_pass_on().
 *
 * Context: The XArray's lock is held.  Drops it to sleep, so that nothing that
 * was known about the mapping's other entries holds afterwards.  The caller has
 * a reference to the inode.
 * Return: DAX_LOOKUP_FOUND with the entry in @entry, or why there is none; a
 * conflict is not waited for.
 */
enum dax_lookup xas_dax_get_unlocked(struct xa_state *xas, unsigned int order,
		struct dax_entry *entry)
{
	struct dax_waiter waiter;
	wait_queue_head_t *wq;
	enum dax_lookup found;

	/* a cursor that is at the entry would look for what comes behind it */
	xas_reset(xas);
	found = xas_dax_find(xas, order, entry);
	if (likely(found != DAX_LOOKUP_FOUND || !dax_entry_is_locked(*entry)))
		return found;

	dax_waiter_init(&waiter);
	atomic_inc(&dax_waiting);
	do {
		trace_dax_entry_wait(xas, *entry);
		wq = dax_wait_queue(xas, *entry, &waiter.key);
		prepare_to_wait_exclusive(wq, &waiter.wait,
					  TASK_UNINTERRUPTIBLE);
		xas_unlock_irq(xas);
		xas_reset(xas);
		schedule();
		finish_wait(wq, &waiter.wait);
		xas_lock_irq(xas);
		found = xas_dax_find(xas, order, entry);
	} while (found == DAX_LOOKUP_FOUND && dax_entry_is_locked(*entry));
	atomic_dec(&dax_waiting);
	return found;
}

/**
 * xas_dax_wait_and_leave() - wait for an entry of an inode that may vanish
 * @xas: cursor within the entry
 * @entry: the entry, seen locked
 *
 * For callers without a reference to the inode.  The lock holder keeps the
 * inode alive, and nobody does once it lets go.  So after the XArray's lock is
 * dropped neither that lock nor anything else of the mapping is touched again;
 * the wait queue is not part of it.  The caller starts over from page->mapping.
 *
 * Such a caller may well find nothing to lock any more.  It waits
 * non-exclusively, so as not to swallow the one wake-up that an exclusive
 * waiter, who will lock the entry, is there for.
 *
 * Context: The XArray's lock is held; it is dropped and not taken again.
 */
void xas_dax_wait_and_leave(struct xa_state *xas, struct dax_entry entry)
	__releases(xas->xa->xa_lock)
{
	struct dax_waiter waiter;
	wait_queue_head_t *wq;

	trace_dax_entry_wait(xas, entry);
	dax_waiter_init(&waiter);
	atomic_inc(&dax_waiting);
	wq = dax_wait_queue(xas, entry, &waiter.key);
	prepare_to_wait(wq, &waiter.wait, TASK_UNINTERRUPTIBLE);
	xas_unlock_irq(xas);
	schedule();
	finish_wait(wq, &waiter.wait);
	atomic_dec(&dax_waiting);
}

/**
 * xas_dax_replace() - store an entry in place of another of its size
 * @xas: cursor at the other entry
 * @entry: the new one
 *
 * Neither marks nor counts change with it, which is all that xas_store() would look
 * after.
 *
 * Context: The XArray's lock is held and is not dropped.
 * Return: The other entry.
 */
struct dax_entry xas_dax_replace(struct xa_state *xas,
		struct dax_entry entry)
{
	struct xa_node *node = xas->xa_node;
	struct dax_entry old;

	if (xas_not_node(node)) {
		old.slot = xas_store(xas, entry.slot);
		return old;
	}
	old.slot = xa_entry_locked(xas->xa, node, xas->xa_offset);
	rcu_assign_pointer(node->slots[xas->xa_offset], entry.slot);
	return old;
}

/**
 * xas_dax_lock() - lock an entry
 * @xas: cursor at the entry
 * @entry: the entry there, unlocked
 *
 * Context: The XArray's lock is held and was not dropped since the entry was
 * seen unlocked.
 * Return: The entry as it is stored now.
 */
struct dax_entry xas_dax_lock(struct xa_state *xas, struct dax_entry entry)
{
	struct dax_entry locked = dax_entry_locked(entry);

	trace_dax_entry_lock(xas, entry);
	/* one that is empty exists only while it is locked: it is new */
	if (dax_entry_kind(entry) == DAX_EMPTY)
		xas_store(xas, locked.slot);
	else
		xas_dax_replace(xas, locked);
	return locked;
}

/* The entry of the page behind @entry, if it is the next one of the device. */
static struct dax_entry dax_entry_next(struct dax_entry entry)
{
	return (struct dax_entry){
		xa_mk_value(dax_entry_word(entry) + (1UL << DAX_ENTRY_PFN_SHIFT)) };
}

/*
 * Lock from the cursor on what of a leaf goes on with @entry, page by page, and has a
 * mark; at most @most.  Returns how many that are.
 */
static unsigned long xas_dax_lock_leaf(struct xa_state xas,
		struct dax_entry entry, unsigned long most, xa_mark_t mark)
{
	struct xa_node *node = xas.xa_node;
	unsigned long marked, nr;

	marked = find_next_zero_bit(dax_node_marks(node, mark), XA_CHUNK_SIZE,
				    xas.xa_offset) - xas.xa_offset;
	most = min(most, marked);
	for (nr = 0; nr < most; nr++, xas.xa_offset++, xas.xa_index++) {
		if (xa_entry_locked(xas.xa, node, xas.xa_offset) != entry.slot)
			break;
		trace_dax_entry_lock(&xas, entry);
		rcu_assign_pointer(node->slots[xas.xa_offset],
				   dax_entry_locked(entry).slot);
		entry = dax_entry_next(entry);
	}
	return nr;
}

/**
 * xas_dax_lock_run() - lock an entry, and those of the pages behind it that are free
 * @xas: cursor at the entry
 * @entry: the entry there, unlocked
 * @last: index of the last page that is wanted
 * @mark: what those behind it have to have
 *
 * Pages one behind the other in the file and on the device, in one leaf of the XArray,
 * which they keep.  None is waited for: who holds an entry may wait for the one we have.
 *
 * Context: As xas_dax_lock().
 * Return: How many entries are locked.
 */
unsigned long xas_dax_lock_run(struct xa_state *xas, struct dax_entry entry,
		pgoff_t last, xa_mark_t mark)
{
	struct xa_state behind = *xas;

	xas_dax_lock(xas, entry);
	if (dax_entry_order(entry) || xas_not_node(xas->xa_node) ||
	    xas->xa_offset == XA_CHUNK_MASK)
		return 1;
	behind.xa_index++;
	behind.xa_offset++;
	return 1 + xas_dax_lock_leaf(behind, dax_entry_next(entry),
				     last - xas->xa_index, mark);
}

/**
 * xas_dax_relock() - take the XArray's lock again, with an entry locked
 * @xas: the cursor with which the entry was locked
 *
 * A cursor is worth nothing once the XArray's lock was dropped, unless it points
 * to a locked entry: the entry stays, and so does its node, whatever comes and
 * goes around it.  The one entry that can move is a page at index 0, from the
 * head of the XArray into a node and back, as others appear and vanish.
 *
 * Context: Takes the XArray's lock, with interrupts off.
 */
void xas_dax_relock(struct xa_state *xas)
	__acquires(xas->xa->xa_lock)
{
	xas_lock_irq(xas);
	if (!xas->xa_index) {
		xas_reset(xas);
		xas_load(xas);
	}
}

/**
 * xas_dax_unlock() - unlock an entry, wake one who waits for it
 * @xas: cursor at the entry
 * @entry: what the entry is from now on; not locked itself
 *
 * Context: The XArray's lock is held and is not dropped.
 */
void xas_dax_unlock(struct xa_state *xas, struct dax_entry entry)
{
	struct dax_entry old;

	if (WARN_ON_ONCE(dax_entry_is_locked(entry)))
		entry = dax_entry_unlocked(entry);
	trace_dax_entry_unlock(xas, entry);
	old = xas_dax_replace(xas, entry);
	WARN_ON_ONCE(!xa_is_value(old.slot) || !dax_entry_is_locked(old));
	xas_dax_wake(xas, entry, 1);
}

/**
 * xas_dax_unlock_run() - undo xas_dax_lock_run()
 * @xas: cursor at the first of the entries; at the last of them afterwards
 * @entry: the first, unlocked
 * @nr: how many there are
 *
 * Context: The XArray's lock is held and is not dropped.
 */
void xas_dax_unlock_run(struct xa_state *xas, struct dax_entry entry,
		unsigned long nr)
{
	xas_dax_unlock(xas, entry);
	for (; --nr; xas_dax_wake(xas, entry, 1)) {
		entry = dax_entry_next(entry);
		xas->xa_index++;
		xas->xa_offset++;
		trace_dax_entry_unlock(xas, entry);
		WARN_ON_ONCE(xa_entry_locked(xas->xa, xas->xa_node, xas->xa_offset) !=
			     dax_entry_locked(entry).slot);
		rcu_assign_pointer(xas->xa_node->slots[xas->xa_offset], entry.slot);
	}
}
