// SPDX-License-Identifier: GPL-2.0
/*
 * Cases with threads: wake-ups, vanishing inodes, and many at once.
 */
#include <stdlib.h>
#include <unistd.h>

#include "case.h"

struct waiter {
	struct address_space *mapping;
	pgoff_t index;
	unsigned int order;
	struct page *page;
	dax_entry_t cookie;
	pthread_t thread;
};

static void start(struct waiter *w, void *(*body)(void *))
{
	int sleepers = shim_sleepers();

	assert_int_equal(pthread_create(&w->thread, NULL, body, w), 0);
	while (shim_sleepers() == sleepers)
		usleep(100);
}

static void *grab_and_release(void *arg)
{
	struct waiter *w = arg;
	XA_STATE_ORDER(xas, &w->mapping->i_pages, w->index, w->order);
	struct dax_entry entry;

	if (dax_entry_grab(&xas, w->mapping, w->order, &entry) == DAX_GRAB_OK)
		dax_entry_release(&xas, w->mapping, entry);
	return NULL;
}

static void *invalidate(void *arg)
{
	struct waiter *w = arg;

	dax_invalidate_mapping_entry_sync(w->mapping, w->index);
	return NULL;
}

static void *lock_page_of(void *arg)
{
	struct waiter *w = arg;

	w->cookie = dax_lock_page(w->page);
	if (w->cookie)
		dax_unlock_page(w->page, w->cookie);
	return NULL;
}

void a_wake_up_is_passed_on(void **state)
{
	struct address_space *mapping = *state;
	struct waiter first = { .mapping = mapping }, second = first;
	XA_STATE(xas, &mapping->i_pages, 0);
	struct dax_entry entry;

	fault(mapping, 0, 0, PFN, DAX_MEDIA, true);
	entry = grab(&xas, mapping, 0);
	start(&first, invalidate);	/* dirty: gets it, does not lock it */
	start(&second, grab_and_release);
	dax_entry_release(&xas, mapping, entry);
	pthread_join(first.thread, NULL);
	pthread_join(second.thread, NULL);
	dax_delete_mapping_entry(mapping, 0);
}

void who_will_not_lock_takes_no_wake_up(void **state)
{
	struct address_space *mapping = *state;
	struct waiter page = { .page = &shim_pages[PFN] };
	struct waiter other = { .mapping = mapping };
	XA_STATE(xas, &mapping->i_pages, 0);
	struct dax_entry entry;

	fault(mapping, 0, 0, PFN, DAX_MEDIA, false);
	entry = grab(&xas, mapping, 0);
	start(&page, lock_page_of);
	start(&other, grab_and_release);
	/* the page goes: its waiter wakes to find nothing to lock */
	entry = dax_entry_set(&xas, mapping, entry,
			      dax_entry_make(PFN + 1, DAX_MEDIA, 0), false);
	dax_entry_release(&xas, mapping, entry);
	pthread_join(page.thread, NULL);
	pthread_join(other.thread, NULL);
	assert_int_equal(page.cookie, 0);
	dax_delete_mapping_entry(mapping, 0);
}

void waiters_of_a_pmd_meet(void **state)
{
	struct address_space *mapping = *state;
	struct waiter a = { .mapping = mapping, .index = 512 + 7 };
	struct waiter b = { .mapping = mapping, .index = 512 + 400 };
	XA_STATE_ORDER(xas, &mapping->i_pages, 512, DAX_PMD_ORDER);
	struct dax_entry entry;

	fault(mapping, 512, DAX_PMD_ORDER, PFN, DAX_MEDIA, false);
	entry = grab(&xas, mapping, DAX_PMD_ORDER);
	start(&a, grab_and_release);
	start(&b, grab_and_release);
	dax_entry_release(&xas, mapping, entry);
	pthread_join(a.thread, NULL);
	pthread_join(b.thread, NULL);
	dax_delete_mapping_entry(mapping, 512);
}

void removal_wakes_all(void **state)
{
	struct address_space *mapping = *state;
	struct waiter a = { .mapping = mapping, .index = 512 + 7 };
	struct waiter b = { .mapping = mapping, .index = 512 + 8 };
	XA_STATE_ORDER(xas, &mapping->i_pages, 512, DAX_PMD_ORDER);
	struct dax_entry entry = grab(&xas, mapping, DAX_PMD_ORDER);

	start(&a, grab_and_release);
	start(&b, grab_and_release);
	dax_entry_release(&xas, mapping, entry);
	pthread_join(a.thread, NULL);
	pthread_join(b.thread, NULL);
}

void the_inode_may_go_while_a_page_is_waited_for(void **state)
{
	struct address_space *mapping = *state;
	struct waiter page = { .page = &shim_pages[PFN] };
	XA_STATE(xas, &mapping->i_pages, 0);
	struct dax_entry entry;
	int i;

	for (i = 0; i < 20; i++) {
		fault(mapping, 0, 0, PFN, DAX_MEDIA, false);
		xas_set(&xas, 0);
		xas.xa = &mapping->i_pages;
		entry = grab(&xas, mapping, 0);
		start(&page, lock_page_of);
		/* truncation and eviction, with the entry unlocked by its end */
		xas_dax_relock(&xas);
		dax_pages_dissociate(mapping, entry, 0);
		xas_dax_remove(&xas, mapping, entry);
		xas_unlock_irq(&xas);
		synchronize_rcu();
		free_mapping(mapping);
		pthread_join(page.thread, NULL);
		assert_int_equal(page.cookie, 0);
		mapping = new_mapping();
	}
	*state = mapping;
}

/* --- many at once: counts that only the lock protects --- */
#define RACERS	4
#define ROUNDS	20000

struct race {
	struct address_space *mapping;
	int inside[4];
	unsigned int seed;
	pthread_t thread;
};

static int race_inside[4];
static int race_bad;

static void race_one(struct race *r, unsigned int what, unsigned int i)
{
	unsigned int order = what == 1 ? DAX_PMD_ORDER : 0;
	pgoff_t index = order ? 512 : 512 + i;
	XA_STATE_ORDER(xas, &r->mapping->i_pages, index, order);
	struct dax_entry entry;

	if (dax_entry_grab(&xas, r->mapping, order, &entry) != DAX_GRAB_OK)
		return;
	/* a PMD excludes the pages, a page its like */
	if (dax_entry_order(entry))
		i = 0;
	if (__atomic_add_fetch(&race_inside[i], 1, __ATOMIC_SEQ_CST) != 1)
		__atomic_store_n(&race_bad, 1, __ATOMIC_SEQ_CST);
	if (dax_entry_kind(entry) != DAX_MEDIA)
		entry = dax_entry_set(&xas, r->mapping, entry,
				      dax_entry_make(PFN + (order ? 0 : i),
						     DAX_MEDIA, order), false);
	__atomic_sub_fetch(&race_inside[i], 1, __ATOMIC_SEQ_CST);
	dax_entry_release(&xas, r->mapping, entry);
}

static void *race_body(void *arg)
{
	struct race *r = arg;
	dax_entry_t cookie;
	unsigned int n, i;

	for (n = 0; n < ROUNDS; n++) {
		i = rand_r(&r->seed) % 4;
		switch (rand_r(&r->seed) % 6) {
		case 0:
			dax_invalidate_mapping_entry_sync(r->mapping, 512 + i);
			break;
		case 1:
			race_one(r, 1, i);
			break;
		case 2:
			cookie = dax_lock_page(&shim_pages[PFN + i]);
			if (cookie)
				dax_unlock_page(&shim_pages[PFN + i], cookie);
			break;
		default:
			race_one(r, 0, i);
		}
	}
	return NULL;
}

void threads_exclude_each_other_and_all_end(void **state)
{
	struct race r[RACERS];
	unsigned int i;

	for (i = 0; i < RACERS; i++) {
		r[i] = (struct race){ .mapping = *state, .seed = i + 1 };
		pthread_create(&r[i].thread, NULL, race_body, &r[i]);
	}
	for (i = 0; i < RACERS; i++)
		pthread_join(r[i].thread, NULL);
	assert_int_equal(race_bad, 0);
	assert_int_equal(shim_warnings, 0);
	for (i = 0; i < 4; i++)
		if (look(*state, 512 + i).slot)
			dax_delete_mapping_entry(*state, 512 + i);
}

/*
 * Threads that are to meet.  On a busy machine one of them may be far behind, so each
 * goes on until all have made their rounds.
 */
struct crowd {
	unsigned int size;
	unsigned int rounds[4];
};

static bool another_round(struct crowd *c, unsigned int me)
{
	unsigned int i;

	for (i = 0; i < c->size; i++)
		if (__atomic_load_n(&c->rounds[i], __ATOMIC_RELAXED) < ROUNDS / 20) {
			__atomic_add_fetch(&c->rounds[me], 1, __ATOMIC_RELAXED);
			return true;
		}
	return false;
}

/* --- a page that fails again and again, while files share and leave it --- */
struct sharer {
	struct crowd *crowd;
	struct address_space *mapping;
	pgoff_t index;
	pthread_t thread;
};

static void *share_and_leave(void *arg)
{
	struct sharer *s = arg;

	while (another_round(s->crowd, s->index)) {
		fault(s->mapping, s->index, 0, PFN, DAX_MEDIA, false);
		dax_invalidate_mapping_entry_sync(s->mapping, s->index);
	}
	return NULL;
}

static void *fail_often(void *arg)
{
	struct page *page = &shim_pages[PFN];
	dax_entry_t cookie;

	while (another_round(arg, 0)) {
		cookie = dax_lock_page(page);
		if (!cookie)
			continue;
		SetPageHWPoison(page);
		dax_unlock_page(page, cookie);
	}
	return NULL;
}

/* --- a run of pages across two of the page locks, and a file that has some --- */
struct visitor {
	struct crowd *crowd;
	struct address_space *mapping;
};

static void *come_and_leave(void *arg)
{
	struct visitor *v = arg;
	struct address_space *mapping = v->mapping;

	while (another_round(v->crowd, 1)) {
		fault(mapping, 2, 0, 2 * PFN + 2, DAX_MEDIA, false);
		dax_invalidate_mapping_entry_sync(mapping, 2);
	}
	return NULL;
}

void page_locks_are_of_one_pmd(void **state)
{
	struct shim_file *file = new_file(16);
	struct crowd crowd = { .size = 2 };
	struct visitor v = { &crowd, *state };
	struct mm_struct *mm = new_mm();
	struct vm_area_struct *vma = map_file(mm, file, 0, 0, 16, VM_SHARED);
	pthread_t thread;

	give(file, 0, 2 * PFN - 8, 16);
	pthread_create(&thread, NULL, come_and_leave, &v);
	while (another_round(&crowd, 0)) {
		fault_of(vma, 3, false, PE_SIZE_PTE);
		invalidate_inode_pages2_range(&file->mapping, 0, 15);
	}
	pthread_join(thread, NULL);
	assert_int_equal(shim_warnings, 0);
	free_file(file);
	free_mm(mm);
}

void a_page_is_shared_while_it_fails(void **state)
{
	struct crowd crowd = { .size = 4 };
	struct sharer s[3] = {
		{ &crowd, *state, 1 }, { &crowd, new_mapping(), 2 },
		{ &crowd, new_mapping(), 3 },
	};
	pthread_t failer;
	unsigned int i;

	pthread_create(&failer, NULL, fail_often, &crowd);
	for (i = 0; i < ARRAY_SIZE(s); i++)
		pthread_create(&s[i].thread, NULL, share_and_leave, &s[i]);
	pthread_join(failer, NULL);
	for (i = 0; i < ARRAY_SIZE(s); i++)
		pthread_join(s[i].thread, NULL);
	assert_null(shim_pages[PFN].mapping);
	assert_int_equal(shim_pages[PFN].private, 0);
	assert_int_equal(shim_warnings, 0);
	free_mapping(s[1].mapping);
	free_mapping(s[2].mapping);
}
