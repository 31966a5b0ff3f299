// SPDX-License-Identifier: GPL-2.0
/*
 * Plays: threads that run one at a time, in an order that a seed gives.
 *
 * DAX_CORE_SEED=N plays the interleaving N alone, which is what a failure prints;
 * DAX_CORE_ROUNDS=N multiplies how many each play tries.
 */
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "case.h"

/* Nothing in a play takes as many steps, unless it goes round in circles. */
#define MANY_STEPS	1000000

struct player {
	void (*body)(void);
	const void *waiting;
	sem_t go;
	pthread_t thread;
	bool there;
};

static struct player players[PLAYERS];
static sem_t play_over;
static unsigned int play_seed, play_steps, play_rate;
static u64 play_state;
static __thread struct player *self;
static __thread int spinning;

bool sched_scheduled(void)
{
	return self;
}

void sched_fail(const char *text, ...)
{
	va_list args;

	va_start(args, text);
	printf("# ");
	vprintf(text, args);
	printf(", DAX_CORE_SEED=%u\n", play_seed);
	va_end(args);
	fflush(stdout);
	_exit(1);
}

/* splitmix64: any seed will do, 1 and 2 give different plays */
static u64 play_random(void)
{
	u64 z = play_state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

unsigned int play_choice(unsigned int n)
{
	return play_random() % n;
}

/* One of those that can run, or NULL. */
static struct player *who_can_run(void)
{
	struct player *can[PLAYERS];
	unsigned int i, n = 0;

	for (i = 0; i < PLAYERS; i++)
		if (players[i].there && !players[i].waiting)
			can[n++] = &players[i];
	return n ? can[play_choice(n)] : NULL;
}

static void hand_over(struct player *next)
{
	struct player *me = self;

	if (++play_steps > MANY_STEPS)
		sched_fail("the threads go round in circles");
	if (next == me)
		return;
	sem_post(&next->go);
	while (sem_wait(&me->go))
		;
}

void sched_point(void)
{
	if (self && !play_choice(play_rate))
		hand_over(who_can_run());
}

void sched_wait(const void *what)
{
	struct player *next;

	self->waiting = what;
	next = who_can_run();
	if (!next)
		sched_fail("all threads wait");
	hand_over(next);
}

void sched_wake(const void *what)
{
	unsigned int i;

	if (!self)
		return;
	for (i = 0; i < PLAYERS; i++)
		if (players[i].waiting == what)
			players[i].waiting = NULL;
}

static void *player_run(void *arg)
{
	struct player *next;
	unsigned int i;

	self = arg;
	while (sem_wait(&self->go))
		;
	self->body();
	self->there = false;
	next = who_can_run();
	if (next) {
		sem_post(&next->go);
		return NULL;
	}
	for (i = 0; i < PLAYERS; i++)
		if (players[i].there)
			sched_fail("all threads that are left wait");
	sem_post(&play_over);
	return NULL;
}

static void play_round(const struct play *play)
{
	unsigned int i;

	play_state = play_seed;
	play_steps = 0;
	/* from a switch at every other point to one in 256 */
	play_rate = 2 << play_choice(8);
	new_world();
	play->set();
	memset(players, 0, sizeof(players));
	for (i = 0; i < PLAYERS && play->body[i]; i++) {
		players[i].body = play->body[i];
		players[i].there = true;
		sem_init(&players[i].go, 0, 0);
		if (pthread_create(&players[i].thread, NULL, player_run,
				   &players[i]))
			sched_fail("no thread");
	}
	sem_post(&who_can_run()->go);
	while (sem_wait(&play_over))
		;
	while (i--)
		pthread_join(players[i].thread, NULL);
	if (shim_warnings)
		sched_fail("%d warnings", shim_warnings);
	play->check();
	if (shim_nodes || shim_allocations)
		sched_fail("something is left over");
}

void play(const struct play *play)
{
	const char *seed = getenv("DAX_CORE_SEED");
	const char *times = getenv("DAX_CORE_ROUNDS");
	unsigned int rounds = play->rounds * (times ? atoi(times) : 1);

	alarm(0);
	sem_init(&play_over, 0, 0);
	if (seed) {
		play_seed = atoi(seed);
		play_round(play);
		return;
	}
	for (play_seed = 1; play_seed <= rounds; play_seed++)
		play_round(play);
	play_seed = 0;
}

/* --- locks --- */
static void take(pthread_mutex_t *lock)
{
	sched_point();
	if (!self)
		pthread_mutex_lock(lock);
	else
		while (pthread_mutex_trylock(lock))
			sched_wait(lock);
}

static void let_go(pthread_mutex_t *lock)
{
	pthread_mutex_unlock(lock);
	sched_wake(lock);
	sched_point();
}

void shim_spin_lock(pthread_mutex_t *lock)
{
	take(lock);
	spinning++;
}

void shim_spin_unlock(pthread_mutex_t *lock)
{
	spinning--;
	let_go(lock);
}

void mutex_lock(pthread_mutex_t *mutex)
{
	might_sleep();
	take(mutex);
}

void mutex_unlock(pthread_mutex_t *mutex)
{
	let_go(mutex);
}

/* --- RCU and the invalidate_lock: readers share, the others have it alone --- */
static pthread_rwlock_t shim_rcu = PTHREAD_RWLOCK_INITIALIZER;
static __thread int rcu_reading;

void might_sleep(void)
{
	if (spinning)
		sched_fail("sleeps with a spinlock");
	if (rcu_reading)
		sched_fail("sleeps under RCU");
	sched_point();
}

static void take_shared(pthread_rwlock_t *lock)
{
	sched_point();
	if (!self)
		pthread_rwlock_rdlock(lock);
	else
		while (pthread_rwlock_tryrdlock(lock))
			sched_wait(lock);
}

static void take_alone(pthread_rwlock_t *lock)
{
	might_sleep();
	if (!self)
		pthread_rwlock_wrlock(lock);
	else
		while (pthread_rwlock_trywrlock(lock))
			sched_wait(lock);
}

static void let_go_rw(pthread_rwlock_t *lock)
{
	pthread_rwlock_unlock(lock);
	sched_wake(lock);
	sched_point();
}

void rcu_read_lock(void)
{
	take_shared(&shim_rcu);
	rcu_reading++;
}

void rcu_read_unlock(void)
{
	if (!rcu_reading--)
		sched_fail("RCU is left twice");
	let_go_rw(&shim_rcu);
}

void synchronize_rcu(void)
{
	take_alone(&shim_rcu);
	let_go_rw(&shim_rcu);
}

void filemap_invalidate_lock(struct address_space *mapping)
{
	take_alone(&mapping->invalidate_lock);
}

void filemap_invalidate_unlock(struct address_space *mapping)
{
	let_go_rw(&mapping->invalidate_lock);
}

void filemap_invalidate_lock_shared(struct address_space *mapping)
{
	might_sleep();
	take_shared(&mapping->invalidate_lock);
}

int down_write_trylock(pthread_rwlock_t *lock)
{
	return !pthread_rwlock_trywrlock(lock);
}
