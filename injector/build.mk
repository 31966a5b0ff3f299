# SPDX-License-Identifier: GPL-2.0
#
# injector: poisonctl, its manual and its completion.

INJ		:= injector
INJ_OUT		= $(O)/injector
INJ_PKGS	:= libndctl libdaxctl json-c uuid
INJ_CFLAGS	= -D_GNU_SOURCE $(shell pkg-config --cflags $(INJ_PKGS))
INJ_LIBS	= $(shell pkg-config --libs $(INJ_PKGS))

# everything but the door to the machine, which the tests replace
INJ_SRCS := \
	access.c \
	already.c \
	ars.c \
	badblocks.c \
	batch.c \
	child.c \
	consumer.c \
	device-runs.c \
	dm.c \
	dsm.c \
	emulation.c \
	expect.c \
	expect-rows.c \
	files.c \
	fw.c \
	hwpoison.c \
	info.c \
	intr.c \
	journal.c \
	journal-read.c \
	keep.c \
	kmsg.c \
	leftover.c \
	machine.c \
	main.c \
	mech.c \
	mech-badblocks.c \
	mech-corrupt-pfn.c \
	mech-cxl.c \
	mech-dsm.c \
	mech-einj.c \
	mech-madvise.c \
	mech-mce.c \
	mech-offline.c \
	memmap.c \
	once.c \
	opts.c \
	out.c \
	outcome.c \
	pageflags.c \
	process.c \
	progress.c \
	punch.c \
	ranges.c \
	regroup.c \
	repair.c \
	repair-plant.c \
	repair-ram.c \
	rewrite.c \
	rewrite-devdax.c \
	rewrite-read.c \
	scrub.c \
	state.c \
	table.c \
	target.c \
	target-name.c \
	target-view.c \
	text.c \
	trial.c \
	trial-plan.c \
	trial-report.c \
	util.c \
	verb-clear.c \
	verb-info.c \
	verb-inject.c \
	verb-list.c \
	verb-resolve.c \
	verb-scrub.c \
	verb-trial.c \
	verb-watch.c \
	view.c \
	watch.c \
	watch-log.c \
	watch-sysfs.c

INJ_OBJS = $(INJ_SRCS:%.c=$(INJ_OUT)/%.o) $(INJ_OUT)/platform-nd.o \
	   $(INJ_OUT)/media.o

$(INJ_OUT)/%.o: $(INJ)/%.c $(INJ)/build.mk
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(INJ_CFLAGS) -MMD -MP -c -o $@ $<

$(INJ_OUT)/poisonctl: $(INJ_OBJS)
	$(CC) $(CFLAGS) -o $@ $^ $(INJ_LIBS)

$(INJ_OUT)/poisonctl.1: $(INJ)/poisonctl.1.adoc
	@mkdir -p $(@D)
	asciidoctor -b manpage --failure-level WARN -o $@ $<

ALL += $(INJ_OUT)/poisonctl $(INJ_OUT)/poisonctl.1

# The tests link the same sources, with sanitizers, to a machine that is not
# there.
INJ_TEST	:= tests/host
INJ_SAN		= -fsanitize=address,undefined -fno-sanitize-recover=all
INJ_TEST_OBJS	= $(INJ_SRCS:%.c=$(INJ_OUT)/test/%.o) \
		  $(INJ_OUT)/test/injector-fake.o \
		  $(INJ_OUT)/test/injector-fake-media.o \
		  $(INJ_OUT)/test/injector-fake-scrub.o \
		  $(INJ_OUT)/test/injector-writes.o
INJ_TESTS	= $(INJ_OUT)/injector-address $(INJ_OUT)/injector-arith \
		  $(INJ_OUT)/injector-child $(INJ_OUT)/injector-dm \
		  $(INJ_OUT)/injector-fuzz $(INJ_OUT)/injector-kmsg \
		  $(INJ_OUT)/injector-later \
		  $(INJ_OUT)/injector-rows \
		  $(INJ_OUT)/injector-state \
		  $(INJ_OUT)/injector-text $(INJ_OUT)/injector-truth

$(INJ_OUT)/test/%.o: $(INJ)/%.c $(INJ)/build.mk
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(INJ_SAN) $(INJ_CFLAGS) -MMD -MP -c -o $@ $<

$(INJ_OUT)/test/%.o: $(INJ_TEST)/%.c $(INJ)/build.mk
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(INJ_SAN) $(INJ_CFLAGS) -I$(INJ) -MMD -MP -c -o $@ $<

$(INJ_OUT)/poisonctl-fake: $(INJ_TEST_OBJS)
	$(CC) $(CFLAGS) $(INJ_SAN) -o $@ $^ -ljson-c

$(INJ_TESTS): $(INJ_OUT)/injector-%: $(INJ_OUT)/test/injector-%.o \
		$(filter-out %/main.o,$(INJ_TEST_OBJS))
	$(CC) $(CFLAGS) $(INJ_SAN) -o $@ $^ -ljson-c -lcmocka

INJ_SCRIPTS	= $(INJ_TEST)/injector-batch $(INJ_TEST)/injector-clear \
		  $(INJ_TEST)/injector-cli \
		  $(INJ_TEST)/injector-info $(INJ_TEST)/injector-interrupt \
		  $(INJ_TEST)/injector-list \
		  $(INJ_TEST)/injector-mech $(INJ_TEST)/injector-repair \
		  $(INJ_TEST)/injector-resolve $(INJ_TEST)/injector-safety \
		  $(INJ_TEST)/injector-scrub $(INJ_TEST)/injector-valgrind \
		  $(INJ_TEST)/injector-watch

$(INJ_OUT)/injector-lines: $(INJ_OUT)/test/injector-lines.o \
		$(filter-out %/main.o,$(INJ_TEST_OBJS))
	$(CC) $(CFLAGS) $(INJ_SAN) -o $@ $^ -ljson-c

$(INJ_TEST)/injector-watch: $(INJ_OUT)/injector-lines

# The same without sanitizers, for valgrind, which does not go with them.
INJ_PLAIN	= $(INJ_SRCS:%.c=$(INJ_OUT)/%.o) $(patsubst $(INJ_OUT)/test/%,\
		  $(INJ_OUT)/plain/%,$(filter %/injector-fake.o %/injector-fake-media.o \
		  %/injector-fake-scrub.o \
		  %/injector-writes.o,$(INJ_TEST_OBJS)))

$(INJ_OUT)/plain/%.o: $(INJ_TEST)/%.c $(INJ)/build.mk
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(INJ_CFLAGS) -I$(INJ) -MMD -MP -c -o $@ $<

$(INJ_OUT)/poisonctl-plain: $(INJ_PLAIN)
	$(CC) $(CFLAGS) -o $@ $^ -ljson-c

$(INJ_TEST)/injector-valgrind: $(INJ_OUT)/poisonctl-plain

$(INJ_SCRIPTS): $(INJ_OUT)/poisonctl-fake $(INJ_OUT)/poisonctl.1

HOST_TESTS += $(INJ_TESTS) $(INJ_SCRIPTS)

.PHONY: install man

man: $(INJ_OUT)/poisonctl.1

install: $(INJ_OUT)/poisonctl $(INJ_OUT)/poisonctl.1
	install -D -m 755 $(INJ_OUT)/poisonctl \
		'$(DESTDIR)$(prefix)/bin/poisonctl'
	install -D -m 644 $(INJ_OUT)/poisonctl.1 \
		'$(DESTDIR)$(prefix)/share/man/man1/poisonctl.1'
	install -D -m 644 $(INJ)/poisonctl.bash \
		'$(DESTDIR)$(prefix)/share/bash-completion/completions/poisonctl'

-include $(wildcard $(INJ_OUT)/*.d $(INJ_OUT)/test/*.d $(INJ_OUT)/plain/*.d)
