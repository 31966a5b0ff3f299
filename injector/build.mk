# SPDX-License-Identifier: GPL-2.0
#
# injector: poisonctl, its manual and its completion.

INJ		:= injector
INJ_OUT		= $(O)/injector
INJ_PKGS	:= libndctl libdaxctl json-c uuid
INJ_CFLAGS	= -D_GNU_SOURCE $(shell pkg-config --cflags $(INJ_PKGS))
INJ_LIBS	= $(shell pkg-config --libs $(INJ_PKGS))

# A file in lib or cli is a part of it, and needs no line here.  The tests replace the
# door to the machine.
INJ_LIB		:= $(sort $(notdir $(wildcard $(INJ)/lib/*.c)))
INJ_CLI		:= $(sort $(notdir $(wildcard $(INJ)/cli/*.c)))
INJ_DOOR	:= media.c platform-nd.c

INJ_LIB_OBJS	= $(INJ_LIB:%.c=$(INJ_OUT)/lib/%.o)
INJ_OBJS	= $(INJ_LIB_OBJS) $(INJ_CLI:%.c=$(INJ_OUT)/cli/%.o)

# The first line of NEWS is the one place that has the version.
INJ_VERSIONED	= $(INJ_OUT)/cli/main.o $(INJ_OUT)/test/cli/main.o
$(INJ_VERSIONED): INJ_CFLAGS += -DPOISONCTL_VERSION='"$(VERSION)"'
$(INJ_VERSIONED): $(INJ)/NEWS

# The library sees its own headers and no others; what is not of its public interface
# nobody else sees.
$(INJ_OUT)/lib/%.o: $(INJ)/lib/%.c $(INJ)/build.mk
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(INJ_CFLAGS) -fPIC -fvisibility=hidden -MMD -MP -c -o $@ $<

$(INJ_OUT)/cli/%.o: $(INJ)/cli/%.c $(INJ)/build.mk
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(INJ_CFLAGS) -I$(INJ)/lib -MMD -MP -c -o $@ $<

$(INJ_OUT)/poisonctl: $(INJ_OBJS)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(INJ_LIBS)

# One object, so that a program which links it has every mechanism, and no name of ours
# but those of the public interface.
INJ_SO		= $(INJ_OUT)/libpoison.so.0

$(INJ_OUT)/libpoison.a: $(INJ_LIB_OBJS)
	rm -f $@
	$(LD) -r -o $(@D)/libpoison.o $^
	objcopy --localize-hidden $(@D)/libpoison.o
	$(AR) rcs $@ $(@D)/libpoison.o

$(INJ_SO): $(INJ_LIB_OBJS) $(INJ)/lib/libpoison.map
	$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-soname,$(@F) -Wl,--version-script=$(INJ)/lib/libpoison.map \
		-Wl,-z,defs -o $@ $(INJ_LIB_OBJS) $(INJ_LIBS)

$(INJ_OUT)/libpoison.3: $(INJ)/lib/libpoison.3.adoc $(INJ)/NEWS
	@mkdir -p $(@D)
	asciidoctor -b manpage -a version=$(VERSION) --failure-level WARN -o $@ $<

# What the manual has of a verb or mechanism lies beside it.
INJ_ADOC	:= $(sort $(wildcard $(INJ)/cli/verb-*.adoc))
INJ_MECH_ADOC	:= $(sort $(wildcard $(INJ)/lib/mech-*.adoc))

$(INJ_OUT)/poisonctl.1: $(INJ)/cli/poisonctl.1.adoc $(INJ_ADOC) $(INJ_MECH_ADOC) $(INJ)/NEWS $(INJ)/build.mk
	@mkdir -p $(@D)/man
	for part in synopsis description options; do \
		sed -n "/^\/\/ tag::$$part/,/^\/\/ end::$$part/{/^\/\//d;p}" $(INJ_ADOC) \
			>$(@D)/man/$$part.adoc || exit; \
	done
	sed '/^\/\//d' $(INJ_MECH_ADOC) >$(@D)/man/mechanisms.adoc
	cp $< $(@D)/man/
	asciidoctor -b manpage -a version=$(VERSION) --failure-level WARN -o $@ $(@D)/man/$(<F)

# What trials are judged by, from the table itself.
INJ_ROWS	= $(INJ_OUT)/lib/expect.o $(INJ_OUT)/lib/expect-rows.o $(INJ_OUT)/lib/outcome.o

$(INJ_OUT)/outcomes-rows: $(INJ)/man/outcomes-rows.c $(INJ_ROWS)
	$(CC) $(CFLAGS) -I$(INJ)/lib -o $@ $^

$(INJ_OUT)/poisonctl-outcomes.7: $(INJ)/man/poisonctl-outcomes.7.adoc $(INJ_OUT)/outcomes-rows $(INJ)/NEWS
	@mkdir -p $(@D)/man
	$(INJ_OUT)/outcomes-rows >$(@D)/man/rows.adoc
	cp $< $(@D)/man/
	asciidoctor -b manpage -a version=$(VERSION) --failure-level WARN -o $@ $(@D)/man/$(<F)

INJ_PRODUCTS	= $(INJ_OUT)/poisonctl $(INJ_OUT)/poisonctl.1 $(INJ_OUT)/libpoison.a $(INJ_SO) \
		  $(INJ_OUT)/libpoison.3 $(INJ_OUT)/poisonctl-outcomes.7

ALL += $(INJ_PRODUCTS)

# The tests link the same sources, with sanitizers, to a machine that is not
# there.
INJ_TEST	:= tests/host
INJ_SAN		= -fsanitize=address,undefined -fno-sanitize-recover=all
INJ_TEST_LIB	= $(patsubst %.c,$(INJ_OUT)/test/lib/%.o,$(filter-out $(INJ_DOOR),$(INJ_LIB)))
INJ_TEST_OBJS	= $(INJ_TEST_LIB) $(INJ_CLI:%.c=$(INJ_OUT)/test/cli/%.o) \
		  $(INJ_OUT)/test/injector-fake.o \
		  $(INJ_OUT)/test/injector-fake-files.o \
		  $(INJ_OUT)/test/injector-fake-media.o \
		  $(INJ_OUT)/test/injector-fake-scrub.o \
		  $(INJ_OUT)/test/injector-writes.o
INJ_TESTS	= $(INJ_OUT)/injector-address $(INJ_OUT)/injector-arith \
		  $(INJ_OUT)/injector-child $(INJ_OUT)/injector-damage $(INJ_OUT)/injector-dm \
		  $(INJ_OUT)/injector-fuzz $(INJ_OUT)/injector-kmsg \
		  $(INJ_OUT)/injector-later \
		  $(INJ_OUT)/injector-rows \
		  $(INJ_OUT)/injector-state \
		  $(INJ_OUT)/injector-text $(INJ_OUT)/injector-truth

$(INJ_OUT)/test/lib/%.o: $(INJ)/lib/%.c $(INJ)/build.mk
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(INJ_SAN) $(INJ_CFLAGS) -MMD -MP -c -o $@ $<

$(INJ_OUT)/test/cli/%.o: $(INJ)/cli/%.c $(INJ)/build.mk
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(INJ_SAN) $(INJ_CFLAGS) -I$(INJ)/lib -MMD -MP -c -o $@ $<

$(INJ_OUT)/test/%.o: $(INJ_TEST)/%.c $(INJ)/build.mk
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(INJ_SAN) $(INJ_CFLAGS) -I$(INJ)/lib -I$(INJ)/cli -MMD -MP -c -o $@ $<

$(INJ_OUT)/poisonctl-fake: $(INJ_TEST_OBJS)
	$(CC) $(CFLAGS) $(INJ_SAN) -o $@ $^ -ljson-c

$(INJ_TESTS): $(INJ_OUT)/injector-%: $(INJ_OUT)/test/injector-%.o \
		$(filter-out %/main.o,$(INJ_TEST_OBJS))
	$(CC) $(CFLAGS) $(INJ_SAN) -o $@ $^ -ljson-c -lcmocka

# The tool itself with sanitizers, for a guest ("# add: injector/asan" of a test), and what
# they must notice there.  The guest has no library of theirs.
INJ_ASAN	= $(INJ_OUT)/asan/usr/bin
INJ_ASAN_LINK	= $(CC) $(CFLAGS) $(INJ_SAN) -static-libasan -static-libubsan -static-libgcc -o $@ $^

$(INJ_ASAN)/poisonctl: $(INJ_LIB:%.c=$(INJ_OUT)/test/lib/%.o) $(INJ_CLI:%.c=$(INJ_OUT)/test/cli/%.o)
	@mkdir -p $(@D)
	$(INJ_ASAN_LINK) $(INJ_LIBS)

$(INJ_ASAN)/asan-fault: $(INJ_OUT)/test/target/asan-fault.o
	@mkdir -p $(@D)
	$(INJ_ASAN_LINK)

$(INJ_OUT)/test/target/%.o: tests/target/%.c $(INJ)/build.mk
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(INJ_SAN) -MMD -MP -c -o $@ $<

TEST_FILES += $(INJ_ASAN)/poisonctl $(INJ_ASAN)/asan-fault

INJ_FUZZ	= $(INJ_OUT)/injector-fuzz-machine

INJ_SCRIPTS	= $(INJ_TEST)/injector-batch $(INJ_TEST)/injector-clear $(INJ_TEST)/injector-cxl \
		  $(INJ_TEST)/injector-cli $(INJ_TEST)/injector-complete \
		  $(INJ_TEST)/injector-info $(INJ_TEST)/injector-interrupt \
		  $(INJ_TEST)/injector-json \
		  $(INJ_TEST)/injector-layers $(INJ_TEST)/injector-library \
		  $(INJ_TEST)/injector-list \
		  $(INJ_TEST)/injector-mech $(INJ_TEST)/injector-outcomes $(INJ_TEST)/injector-repair \
		  $(INJ_TEST)/injector-resolve $(INJ_TEST)/injector-run \
		  $(INJ_TEST)/injector-safety \
		  $(INJ_TEST)/injector-scrub $(INJ_TEST)/injector-service \
		  $(INJ_TEST)/injector-spread $(INJ_TEST)/injector-table \
		  $(INJ_TEST)/injector-trial $(INJ_TEST)/injector-unreadable \
		  $(INJ_TEST)/injector-valgrind \
		  $(INJ_TEST)/injector-watch $(INJ_TEST)/injector-who

$(INJ_OUT)/injector-fuzz-machine: $(INJ_OUT)/test/injector-fuzz-machine.o \
		$(INJ_OUT)/test/injector-fuzz-tree.o $(filter-out %/main.o,$(INJ_TEST_OBJS))
	$(CC) $(CFLAGS) $(INJ_SAN) -o $@ $^ -ljson-c

$(INJ_OUT)/injector-lines: $(INJ_OUT)/test/injector-lines.o \
		$(filter-out %/main.o,$(INJ_TEST_OBJS))
	$(CC) $(CFLAGS) $(INJ_SAN) -o $@ $^ -ljson-c

$(INJ_TEST)/injector-json $(INJ_TEST)/injector-run $(INJ_TEST)/injector-watch: $(INJ_OUT)/injector-lines

# The same without sanitizers, for valgrind, which does not go with them.
INJ_PLAIN	= $(filter-out $(INJ_DOOR:%.c=$(INJ_OUT)/lib/%.o),$(INJ_OBJS)) $(patsubst $(INJ_OUT)/test/%,\
		  $(INJ_OUT)/plain/%,$(filter %/injector-fake.o %/injector-fake-files.o %/injector-fake-media.o \
		  %/injector-fake-scrub.o \
		  %/injector-writes.o,$(INJ_TEST_OBJS)))

$(INJ_OUT)/plain/%.o: $(INJ_TEST)/%.c $(INJ)/build.mk
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(INJ_CFLAGS) -I$(INJ)/lib -I$(INJ)/cli -MMD -MP -c -o $@ $<

$(INJ_OUT)/poisonctl-plain: $(INJ_PLAIN)
	$(CC) $(CFLAGS) -o $@ $^ -ljson-c

$(INJ_TEST)/injector-complete $(INJ_TEST)/injector-info $(INJ_TEST)/injector-json \
		$(INJ_TEST)/injector-outcomes \
		$(INJ_TEST)/injector-service: $(INJ_PRODUCTS)

$(INJ_TEST)/injector-valgrind: $(INJ_OUT)/poisonctl-plain

# The example of the library, on the machine that is not there.
$(INJ_OUT)/test/poison-round.o: $(INJ)/example/poison-round.c $(INJ)/build.mk
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(INJ_SAN) -I$(INJ)/lib -MMD -MP -c -o $@ $<

$(INJ_OUT)/poison-round $(INJ_OUT)/injector-call: $(INJ_OUT)/%: $(INJ_OUT)/test/%.o \
		$(filter-out $(INJ_CLI:%.c=$(INJ_OUT)/test/cli/%.o),$(INJ_TEST_OBJS))
	$(CC) $(CFLAGS) $(INJ_SAN) -o $@ $^ -ljson-c

$(INJ_TEST)/injector-library: $(INJ_OUT)/poison-round $(INJ_OUT)/injector-call $(INJ_PRODUCTS)

# A mechanism and a verb more, of one file.
$(INJ_OUT)/poisonctl-more: $(INJ_OUT)/test/injector-more.o $(INJ_TEST_OBJS)
	$(CC) $(CFLAGS) $(INJ_SAN) -o $@ $^ -ljson-c

$(INJ_TEST)/injector-layers: $(INJ_OUT)/poisonctl $(INJ_OUT)/poisonctl-more

$(INJ_SCRIPTS): $(INJ_OUT)/poisonctl-fake $(INJ_OUT)/poisonctl.1

# The long form of what make test does.
FUZZ_CASES	= 20000

.PHONY: fuzz
fuzz: $(INJ_OUT)/injector-fuzz $(INJ_FUZZ)
	@$(INJ_OUT)/injector-fuzz
	@$(INJ_FUZZ) $(FUZZ_CASES)

.PHONY: injector-tests
injector-tests: $(INJ_TESTS) $(INJ_FUZZ) $(INJ_SCRIPTS)

HOST_TESTS += $(INJ_TESTS) $(INJ_FUZZ) $(INJ_SCRIPTS)

.PHONY: install man

man: $(INJ_OUT)/poisonctl.1 $(INJ_OUT)/libpoison.3 $(INJ_OUT)/poisonctl-outcomes.7

INJ_INSTALL	= install -D -m 644 --
INJ_TO		= $(call quoted,$(DESTDIR)$(prefix))
INJ_LIB_TO	= $(call quoted,$(DESTDIR)$(libdir))

install: $(INJ_PRODUCTS)
	install -D -m 755 -- $(INJ_OUT)/poisonctl \
		$(INJ_TO)/bin/poisonctl
	$(INJ_INSTALL) $(INJ_OUT)/poisonctl.1 \
		$(INJ_TO)/share/man/man1/poisonctl.1
	$(INJ_INSTALL) $(INJ)/cli/poisonctl.bash \
		$(INJ_TO)/share/bash-completion/completions/poisonctl
	$(INJ_INSTALL) $(INJ)/cli/poisonctl.zsh \
		$(INJ_TO)/share/zsh/vendor-completions/_poisonctl
	$(INJ_INSTALL) $(INJ)/cli/poisonctl.fish \
		$(INJ_TO)/share/fish/vendor_completions.d/poisonctl.fish
	$(INJ_INSTALL) $(INJ)/cli/poisonctl.schema.json \
		$(INJ_TO)/share/poisonctl/poisonctl.schema.json
	$(INJ_INSTALL) $(INJ)/lib/libpoison.h $(INJ_TO)/include/libpoison.h
	$(INJ_INSTALL) $(INJ_OUT)/libpoison.a $(INJ_LIB_TO)/libpoison.a
	$(INJ_INSTALL) $(INJ_SO) $(INJ_LIB_TO)/libpoison.so.0
	ln -sf -- libpoison.so.0 $(INJ_LIB_TO)/libpoison.so
	$(INJ_INSTALL) $(INJ_OUT)/poisonctl-outcomes.7 \
		$(INJ_TO)/share/man/man7/poisonctl-outcomes.7
	$(INJ_INSTALL) $(INJ_OUT)/libpoison.3 \
		$(INJ_TO)/share/man/man3/libpoison.3
	sed 's|@prefix@|$(prefix)|' $(INJ)/cli/poisonctl-watch.service.in | \
		$(INJ_INSTALL) /dev/stdin $(INJ_TO)/lib/systemd/system/poisonctl-watch.service
	sed 's|@prefix@|$(prefix)|; s|@libdir@|$(libdir)|; s|@version@|$(VERSION)|' $(INJ)/lib/libpoison.pc.in | \
		$(INJ_INSTALL) /dev/stdin $(INJ_LIB_TO)/pkgconfig/libpoison.pc

-include $(wildcard $(addsuffix /*.d,$(addprefix $(INJ_OUT)/,lib cli test test/lib test/cli test/target plain)))
