# io7 builds with GNU make: `make help` names the targets.
#
# Everything that is built lands in $(BUILD).  Another folder gives another
# variant, and variants do not touch each other: `make BUILD=/tmp/mine`.

VERSION  := 0.1.0
PREFIX   := /usr
DESTDIR  :=
PORT     :=
DIR       = $$(deploy/stack where)
TESTS    :=
SANITIZE :=
WERROR   :=
BUILD    := build$(if $(SANITIZE),/sanitize)

# One job for each processor, unless the order of the goals matters.
ifeq ($(MAKELEVEL)$(filter clean,$(MAKECMDGOALS)),0)
MAKEFLAGS += -j$(shell nproc)
endif

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: FORCE

# A word and a name for each step; `make V=1` prints the commands.
say = $(if $(V),,@printf '%-8s %s\n' $1 $2;)

# --- Flags ------------------------------------------------------------------

CC       := gcc
OPT      := $(if $(SANITIZE),-O1,-O2) -g
PACKAGES := fcgi libpq libcjson libcrypto hiredis libseccomp libcurl zlib

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	    -Wpointer-arith -Wwrite-strings -Wundef -Wvla -Wformat=2 \
	    -Wcast-qual $(if $(WERROR),-Werror)

# Fortify needs an optimiser, and hides what a sanitizer would see.
HARDEN   := -fPIE -fno-common -fstack-protector-strong \
	    $(if $(SANITIZE)$(filter -O0,$(OPT)),,-D_FORTIFY_SOURCE=2)

# Under a sanitizer the arena is plain malloc, or it would hide overruns.
CHECKS   := $(if $(SANITIZE),-fsanitize=$(SANITIZE) \
	    -fno-sanitize-recover=all -fno-omit-frame-pointer)
DEFINES  := -D_GNU_SOURCE $(if $(SANITIZE),-DARENA_MALLOC)

# Asked at the first use: pkg-config itself may be among what is missing.
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $(PACKAGES)))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $$(shell pkg-config --libs $(PACKAGES)) -ljq)$(PKG_LIBS)

# No path of the building machine goes into what is shipped.
PATHS    := -ffile-prefix-map=$(CURDIR)=. \
	    -ffile-prefix-map=$(abspath $(BUILD))=build

CPPFLAGS  = -I. -I$(BUILD)/gen $(PKG_CFLAGS) $(DEFINES)
CFLAGS    = -std=c11 $(OPT) $(WARNINGS) $(HARDEN) $(CHECKS) $(PATHS)
LDFLAGS   = -pie -Wl,-z,relro,-z,now -Wl,--as-needed $(CHECKS)
COMPILE   = $(CC) $(CPPFLAGS) $(CFLAGS)
LINK      = $(CC) $(CFLAGS) $(LDFLAGS)

# --- What is built ----------------------------------------------------------

LIB_SRC  := $(wildcard lib/*/*.c)
FCGI_SRC := $(filter-out fcgi/main.c,$(wildcard fcgi/*.c fcgi/*/*.c))
UNIT_SRC := $(wildcard t/unit/*.c)
FUZZ_SRC := $(wildcard t/fuzz/*.c)
ROOM_SRC := $(wildcard t/room/*.c)
BENCH_SRC := $(wildcard t/bench/*.c)
SOURCES  := $(LIB_SRC) $(FCGI_SRC) fcgi/main.c $(UNIT_SRC) $(FUZZ_SRC) \
	    $(ROOM_SRC) $(BENCH_SRC)
HEADERS  := $(wildcard lib/*/*.h fcgi/*.h fcgi/*/*.h t/*/*.h)

objects   = $(patsubst %.c,$(BUILD)/%.o,$1)

STATEMENTS := $(wildcard sql/q/*/*.sql)
# Per folder of sql/q a header and a source, and the list of all statements.
GEN_SRC  := $(patsubst %,$(BUILD)/gen/stmts/%.c,\
	    all $(sort $(patsubst sql/q/%/,%,$(dir $(STATEMENTS))))) \
	    $(BUILD)/gen/provision.c
GEN_OBJ  := $(GEN_SRC:.c=.o)

LIB      := $(BUILD)/lib/libio7.a
ROOMS    := $(BUILD)/fcgi/rooms.a
PROGRAM  := $(BUILD)/io7
UNITS    := $(patsubst t/%.c,$(BUILD)/%,$(UNIT_SRC) $(FUZZ_SRC))
# The program with a room for tests more.
TESTED   := $(BUILD)/io7-test

.PHONY: all
all: $(PROGRAM) pages	## build the program and the pages (the default)

$(PROGRAM): $(BUILD)/fcgi/main.o $(ROOMS) $(LIB)
	$(call say,link,$@)$(LINK) -o $@ $^ $(PKG_LIBS)

# The archive's own list of rooms is not taken where there is one already.
$(TESTED): $(BUILD)/fcgi/main.o $(call objects,$(ROOM_SRC)) $(ROOMS) $(LIB)
	$(call say,link,$@)$(LINK) -o $@ $^ $(PKG_LIBS)

$(UNITS): $(BUILD)/%: $(BUILD)/t/%.o $(ROOMS) $(LIB)
	@mkdir -p $(@D)
	$(call say,link,$@)$(LINK) -o $@ $^ $(PKG_LIBS)

# All of fcgi/ but main(): a unit test takes from it what it needs.
$(ROOMS): $(call objects,$(FCGI_SRC)) $(GEN_OBJ)
$(LIB): $(call objects,$(LIB_SRC))
$(ROOMS) $(LIB):
	$(call say,archive,$@)rm -f $@; ar rcs $@ $^

$(BUILD)/%.o: %.c $(BUILD)/flags | $(BUILD)/deps generated
	@mkdir -p $(@D)
	$(call say,compile,$<)$(COMPILE) -MMD -MP -c -o $@ $<

$(GEN_OBJ): %.o: %.c $(BUILD)/flags
	$(call say,compile,$<)$(COMPILE) -MMD -MP -c -o $@ $<

-include $(patsubst %.o,%.d,$(call objects,$(SOURCES)) $(GEN_OBJ))

# --- What is generated ------------------------------------------------------

.PHONY: generated
generated: $(BUILD)/gen/version.h $(BUILD)/gen/limit.lua.h

# A file that keeps its date as long as its content stays.
keep = @mkdir -p $(@D); echo '$1' | cmp -s - $@ || echo '$1' >$@

VERSION_H := \#define IO7_VERSION "$(VERSION)"

$(BUILD)/gen/version.h: FORCE
	$(call keep,$(VERSION_H))

# A script as a C text of the same name, line by line.
$(BUILD)/gen/%.lua.h: fcgi/meter/%.lua
	@mkdir -p $(@D)
	@sed -e '1i static const char $*_lua[] =' -e 's/[\\"]/\\&/g' \
		-e 's/.*/"&\\n"/' -e '$$a ;' $< >$@

$(BUILD)/flags: FORCE | $(BUILD)/deps
	$(call keep,$(COMPILE))

# sql/gen does not touch a file whose content stays; the stamp says that it ran.
GENERATED := $(GEN_SRC) $(filter-out %/provision.h,$(GEN_SRC:.c=.h))
generated: $(GENERATED)

$(GENERATED): $(BUILD)/gen/stamp ;

$(BUILD)/gen/stamp: sql/gen $(STATEMENTS) $(wildcard sql/tenant/*.sql)
	@mkdir -p $(@D)/stmts
	@sql/gen statements $(@D)/stmts sql/q
	@sql/gen provision $(@D) sql/tenant
	@touch $@

# --- The pages --------------------------------------------------------------

# The folder that nginx serves.
WWW      := $(BUILD)/www

.PHONY: pages
pages: $(BUILD)/pages.shown	## build the pages, and show them on a running stack

# The folders are among the sources, so that a removed file is noticed.
$(BUILD)/pages.list: deploy/pages $(shell find deploy/www) | $(BUILD)/deps
	$(call say,pages,$(WWW))deploy/pages build $(WWW) $@
	@touch $@

$(WWW)/openapi.json: deploy/www/openapi.json
	@mkdir -p $(@D)
	@cp $< $@

GUIDE    := $(filter-out %/tables,$(wildcard deploy/doc/*))

$(BUILD)/guide: $(GUIDE) deploy/pages $(wildcard deploy/www/frames/*) | \
		$(BUILD)/deps
	$(call say,guide,$(WWW)/docs)deploy/doc/render $(WWW)
	@touch $@

$(BUILD)/pages.shown: $(BUILD)/pages.list $(BUILD)/guide $(WWW)/openapi.json
	@{ dir="$(DIR)"; } 2>/dev/null || exit 0; \
		deploy/stack pages --dir "$$dir" --www $(WWW)
	@touch $@

# --- What must be installed -------------------------------------------------

.PHONY: deps deps-test deps-lint deps-bench
deps:			## install the Debian packages that are missing
	@deploy/deps build

deps-test deps-lint deps-bench:
	@deploy/deps $(@:deps-%=%)

$(BUILD)/deps: deploy/deps
	@mkdir -p $(@D)
	@deploy/deps build && touch $@

# --- Documents --------------------------------------------------------------

.PHONY: tables
tables: $(PROGRAM)	## write the program's tables into the documents
	@deploy/doc/tables $(PROGRAM)

# --- Running and testing ----------------------------------------------------

export IO7_BUILD := $(abspath $(BUILD))
export IO7_BIN   := $(abspath $(PROGRAM))

.PHONY: run test test-slow unit debug bench-kv
run: deps all		## run io7 in the foreground (DIR= PORT=)
	@deploy/stack run --dir "$(DIR)" $(if $(PORT),--port $(PORT)) \
		--io7 $(PROGRAM) --www $(WWW)

test: deps-test all $(UNITS) $(TESTED)	## run the tests, or some of them (TESTS=)
	@t/run $(TESTS)

test-slow: deps-test all $(UNITS) $(TESTED)	## the same and the slow ones
	@IO7_SLOW=1 t/run $(TESTS)

unit: $(UNITS)		## run the unit tests only
	@prove $(UNITS)

bench-kv: deps-bench all $(BUILD)/bench/empty	## measure the store (SECONDS= ROUNDS=)
	@t/bench/kv

$(BUILD)/bench/empty: $(BUILD)/t/bench/empty.o
	@mkdir -p $(@D)
	$(call say,link,$@)$(LINK) -o $@ $^ $(PKG_LIBS)

debug:			## build for a debugger, in build/debug
	@$(MAKE) BUILD=build/debug OPT='-O0 -g3' all

# --- Rules ------------------------------------------------------------------

.PHONY: ci-rules layers headers size words format format-check lint analyze
ci-rules: layers headers size words format-check lint	## all rules

layers:			## who may include whom
headers:		## every header states its contract and stands alone
size:			## how long files and functions may be
words:			## what must not be written in the tree

layers size words:
	@t/rules/$@

headers: generated $(BUILD)/deps
	@COMPILE='$(COMPILE)' t/rules/$@

format: deps-lint	## put the C sources into the house's format
	@clang-format -i $(SOURCES) $(HEADERS)

format-check: deps-lint	## fail where that would change something
	@clang-format --dry-run -Werror $(SOURCES) $(HEADERS)

# Files passed stay passed until they, or something they include, change.
LINTED    = $(patsubst %.c,$(BUILD)/lint/%,$(SOURCES))
ANALYZED  = $(patsubst %.c,$(BUILD)/analyze/%,$(SOURCES))
pass      = @mkdir -p $(@D); $1 >$@.log 2>&1 || { cat $@.log; exit 1; }; touch $@

lint: cppcheck $(LINTED)	## cppcheck and clang-tidy
analyze: $(ANALYZED)	## gcc -fanalyzer

# Its own guess at what is uninitialised is wrong where addresses are passed
# on; gcc's and clang-tidy's are better.
.PHONY: cppcheck
cppcheck: deps-lint generated
	@mkdir -p $(BUILD)/cppcheck
	@cppcheck --quiet --std=c11 --enable=warning,performance,portability \
		--suppress=uninitvar --suppress=ctuuninitvar --inline-suppr \
		--error-exitcode=1 --template=gcc \
		--cppcheck-build-dir=$(BUILD)/cppcheck -I. -I$(BUILD)/gen \
		$(DEFINES) $(SOURCES)

$(BUILD)/lint/%: %.c $(BUILD)/%.o .clang-tidy | deps-lint
	$(call pass,clang-tidy --quiet $< -- -std=c11 $(CPPFLAGS))

$(BUILD)/analyze/%: %.c $(BUILD)/%.o
	$(call pass,$(COMPILE) -fanalyzer -Werror -c -o /dev/null $<)

# --- Shipping ---------------------------------------------------------------

# Given to the installation where they are set: SYSTEMDDIR, and the site's HOST,
# CERT and KEY.
PLACES    = $(foreach name,DESTDIR PREFIX SYSTEMDDIR HOST CERT KEY,\
	    $(if $($(name)),$(name)="$($(name))"))

.PHONY: install distcheck clean help
install: all		## install below DESTDIR and PREFIX (HOST= CERT= KEY=)
	@deploy/install $(PROGRAM) $(WWW) $(PLACES)

distcheck:		## the last commit builds, tests and installs elsewhere
	@set -e; dir=$$(mktemp -d); trap 'rm -rf $$dir' EXIT; \
	git archive HEAD | tar -x -C $$dir; \
	$(MAKE) -C $$dir BUILD=build unit all; \
	cd $$dir; IO7_BUILD=$$dir/build IO7_BIN=$$dir/build/io7 \
		prove -It/lib t/deploy/install.t

clean:			## remove what was built
	rm -rf $(BUILD)

help:			## print this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | \
		expand -t 16
