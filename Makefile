# The build of io7, for GNU make. `make help` lists the targets.
#
# All output is in $(BUILD). Variants in different folders do not affect each other:
# `make BUILD=/tmp/mine`.

VERSION  := 0.1.0
PREFIX   := /usr
DESTDIR  :=
PORT     :=
DIR       = $$(deploy/stack where)
TESTS    :=
SANITIZE :=
WERROR   :=
BUILD    := build$(if $(SANITIZE),/sanitize)

# One job per processor, except with `clean`, which must finish first.
ifeq ($(MAKELEVEL)$(filter clean,$(MAKECMDGOALS)),0)
MAKEFLAGS += -j$(shell nproc)
endif

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: FORCE

# Prints a word and a name for each step; `make V=1` prints the commands.
say = $(if $(V),,@printf '%-8s %s\n' $1 $2;)

# --- Flags ------------------------------------------------------------------

CC       := gcc
OPT      := $(if $(SANITIZE),-O1,-O2) -g
PACKAGES := fcgi libpq libcjson libcrypto hiredis libseccomp libcurl zlib \
	    sqlite3

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	    -Wpointer-arith -Wwrite-strings -Wundef -Wvla -Wformat=2 \
	    -Wcast-qual $(if $(WERROR),-Werror)

# Fortify needs optimization, and hides errors from sanitizers.
HARDEN   := -fPIE -fno-common -fstack-protector-strong \
	    $(if $(SANITIZE)$(filter -O0,$(OPT)),,-D_FORTIFY_SOURCE=2)

# With a sanitizer the arena uses malloc, because it would hide overruns.
CHECKS   := $(if $(SANITIZE),-fsanitize=$(SANITIZE) \
	    -fno-sanitize-recover=all -fno-omit-frame-pointer)
DEFINES  := -D_GNU_SOURCE $(if $(SANITIZE),-DARENA_MALLOC)

# Evaluated at the first use, after pkg-config itself may have been installed.
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $(PACKAGES)))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $$(shell pkg-config --libs $(PACKAGES)) -ljq)$(PKG_LIBS)

# Keeps paths of the build machine out of the program.
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
TIME_SRC := $(wildcard t/time/*.c)
SOURCES  := $(LIB_SRC) $(FCGI_SRC) fcgi/main.c $(UNIT_SRC) $(FUZZ_SRC) \
	    $(ROOM_SRC) $(BENCH_SRC) $(TIME_SRC)
HEADERS  := $(wildcard lib/*/*.h fcgi/*.h fcgi/*/*.h t/*/*.h)

objects   = $(patsubst %.c,$(BUILD)/%.o,$1)

STATEMENTS := $(wildcard sql/q/*/*.sql)
# Per folder of sql/q a header and a source, and the list of all statements.
GEN_SRC  := $(patsubst %,$(BUILD)/gen/stmts/%.c,\
	    all $(sort $(patsubst sql/q/%/,%,$(dir $(STATEMENTS))))) \
	    $(BUILD)/gen/provision.c $(BUILD)/gen/userdb_schema.c
GEN_OBJ  := $(GEN_SRC:.c=.o)

LIB      := $(BUILD)/lib/libio7.a
ROOMS    := $(BUILD)/fcgi/rooms.a
PROGRAM  := $(BUILD)/io7
UNITS    := $(patsubst t/%.c,$(BUILD)/%,$(UNIT_SRC) $(FUZZ_SRC))
# Programs that tests ask.
ASKED    := $(patsubst t/%.c,$(BUILD)/%,$(TIME_SRC))
# The program with one more room, for tests.
TESTED   := $(BUILD)/io7-test

.PHONY: all
all: $(PROGRAM) pages	## build the program and the pages (the default)

$(PROGRAM): $(BUILD)/fcgi/main.o $(ROOMS) $(LIB)
	$(call say,link,$@)$(LINK) -o $@ $^ $(PKG_LIBS)

# The archive's own list of rooms is not taken where there is one already.
$(TESTED): $(BUILD)/fcgi/main.o $(call objects,$(ROOM_SRC)) $(ROOMS) $(LIB)
	$(call say,link,$@)$(LINK) -o $@ $^ $(PKG_LIBS)

$(UNITS) $(ASKED): $(BUILD)/%: $(BUILD)/t/%.o $(ROOMS) $(LIB)
	@mkdir -p $(@D)
	$(call say,link,$@)$(LINK) -o $@ $^ $(PKG_LIBS)

# All of fcgi/ except main(), for unit tests to link.
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

# --- Generated sources ------------------------------------------------------

LUA_H := $(patsubst fcgi/meter/%,$(BUILD)/gen/%.h,$(wildcard fcgi/meter/*.lua))

.PHONY: generated
generated: $(BUILD)/gen/version.h $(LUA_H)

# Writes a file only if its content changes, so that its date stays.
keep = @mkdir -p $(@D); echo '$1' | cmp -s - $@ || echo '$1' >$@

VERSION_H := \#define IO7_VERSION "$(VERSION)"

$(BUILD)/gen/version.h: FORCE
	$(call keep,$(VERSION_H))

# A script as a C string of the same name.
$(BUILD)/gen/%.lua.h: fcgi/meter/%.lua
	@mkdir -p $(@D)
	@sed -e '1i static const char $*_lua[] =' -e 's/[\\"]/\\&/g' \
		-e 's/.*/"&\\n"/' -e '$$a ;' $< >$@

$(BUILD)/flags: FORCE | $(BUILD)/deps
	$(call keep,$(COMPILE))

# sql/gen does not touch a file whose content stays; the stamp says that it ran.
GENERATED := $(GEN_SRC) $(filter-out %/provision.h %_schema.h,$(GEN_SRC:.c=.h))
generated: $(GENERATED)

$(GENERATED): $(BUILD)/gen/stamp ;

$(BUILD)/gen/stamp: sql/gen sql/Scan.pm $(STATEMENTS) $(wildcard sql/tenant/*.sql sql/userdb/*.sql)
	@mkdir -p $(@D)/stmts
	@sql/gen statements $(@D)/stmts sql/q
	@sql/gen provision $(@D) sql/tenant
	@sql/gen userdb $(@D) sql/userdb
	@touch $@

# --- The pages --------------------------------------------------------------

# The folder that nginx serves.
WWW      := $(BUILD)/www

.PHONY: pages
pages: $(BUILD)/pages.shown	## build the pages; a running stack shows them

# The rooms' entries in the navigation.
export IO7_NAVIGATION := $(abspath $(BUILD)/navigation)

$(BUILD)/navigation: $(PROGRAM)
	@$(PROGRAM) pages | cmp -s - $@ || $(PROGRAM) pages >$@

# Folders are prerequisites too, so that a removed file is noticed.
$(BUILD)/pages.list: deploy/pages $(BUILD)/navigation $(shell find deploy/www) | \
		$(BUILD)/deps
	$(call say,pages,$(WWW))deploy/pages build $(WWW) $@
	@touch $@

# Each folder's part of the HTTP contract stands beside its code.
CONTRACT := $(wildcard fcgi/*/contract.json)
CONTRACT_TEXT := $(wildcard fcgi/*/contract.md) fcgi/http/guide.md

$(WWW)/openapi.json: deploy/contract $(CONTRACT) $(CONTRACT_TEXT) $(PROGRAM)
	@mkdir -p $(@D)
	$(call say,contract,$@)deploy/contract $(PROGRAM) $@ $(dir $(CONTRACT))

GUIDE    := $(filter-out %/tables,$(wildcard deploy/doc/*))

$(BUILD)/guide: $(GUIDE) deploy/pages $(BUILD)/navigation \
		$(wildcard deploy/www/frames/*) | $(BUILD)/deps
	$(call say,guide,$(WWW)/docs)deploy/doc/render $(WWW)
	@touch $@

$(BUILD)/pages.shown: $(BUILD)/pages.list $(BUILD)/guide $(WWW)/openapi.json
	@{ dir="$(DIR)"; } 2>/dev/null || exit 0; \
		deploy/stack pages --dir "$$dir" --www $(WWW)
	@touch $@

# --- Packages ---------------------------------------------------------------

.PHONY: deps deps-test deps-lint deps-bench deps-clients
deps:			## install missing Debian packages
	@deploy/deps build

deps-test deps-lint deps-bench:
	@deploy/deps $(@:deps-%=%)

# Without a network the tests that need these packages are skipped.
deps-clients: deps-test
	@deploy/deps clients || true

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

.PHONY: run test test-slow unit debug bench bench-db bench-work bench-quick
run: deps all		## run io7 in the foreground (DIR= PORT=)
	@exec deploy/stack run --dir "$(DIR)" $(if $(PORT),--port $(PORT)) \
		--io7 $(PROGRAM) --www $(WWW) --link $(BUILD)/env

test: deps-test deps-clients all $(UNITS) $(ASKED) $(TESTED)	## run all tests, or some (TESTS=, JOBS=)
	@t/run $(TESTS)

test-slow: deps-test deps-clients all $(UNITS) $(ASKED) $(TESTED)	## run the slow tests, too
	@IO7_SLOW=1 t/run $(TESTS)

unit: $(UNITS)		## run the C unit tests
	@prove $(UNITS)

bench: deps-bench deps-clients all $(BUILD)/bench/empty	## compare with peers (ROWS= ROUNDS= SECONDS=)
	@t/bench/run

bench-db: deps-bench deps-clients all	## compare user databases with peers (ROWS= ROUNDS= SECONDS=)
	@t/bench/db

bench-work: deps-bench deps-clients all $(TESTED)	## compare queued work with graphile-worker (ROUNDS= ITEMS=)
	@t/bench/work

bench-quick: deps-bench all $(BUILD)/bench/empty	## check that a GET is not slower, in a minute
	@t/bench/quick

$(BUILD)/bench/empty: $(BUILD)/t/bench/empty.o
	@mkdir -p $(@D)
	$(call say,link,$@)$(LINK) -o $@ $^ $(PKG_LIBS)

debug:			## build without optimization, in build/debug
	@$(MAKE) BUILD=build/debug OPT='-O0 -g3' all

# --- Rules ------------------------------------------------------------------

.PHONY: ci-rules layers headers size words format format-check lint analyze
ci-rules: layers headers size words format-check lint	## check all rules

layers:			## check which folder includes which headers
headers:		## check that headers state a contract and compile alone
size:			## check the length of files and functions
words:			## check for retired words, machine paths and stray SQL

layers size words:
	@t/rules/$@

headers: generated $(BUILD)/deps
	@COMPILE='$(COMPILE)' t/rules/$@

format: deps-lint	## format the C sources
	@clang-format -i $(SOURCES) $(HEADERS)

format-check: deps-lint	## check the format of the C sources
	@clang-format --dry-run -Werror $(SOURCES) $(HEADERS)

# A file is checked again when it or a header that it includes changes.
LINTED    = $(patsubst %.c,$(BUILD)/lint/%,$(SOURCES))
ANALYZED  = $(patsubst %.c,$(BUILD)/analyze/%,$(SOURCES))
pass      = @mkdir -p $(@D); $1 >$@.log 2>&1 || { cat $@.log; exit 1; }; touch $@

lint: cppcheck $(LINTED)	## run cppcheck and clang-tidy
analyze: $(ANALYZED)	## run gcc -fanalyzer

# Without its checks of uninitialized variables: they are wrong for variables whose
# address is passed on, and gcc and clang-tidy check the same.
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

# --- Installation -----------------------------------------------------------

# Variables that are passed on to deploy/install if they are set.
PLACES    = $(foreach name,DESTDIR PREFIX SYSTEMDDIR HOST CERT KEY,\
	    $(if $($(name)),$(name)="$($(name))"))

.PHONY: install distcheck clean help
install: all		## install below DESTDIR and PREFIX (HOST= CERT= KEY=)
	@deploy/install $(PROGRAM) $(WWW) $(PLACES)

distcheck:		## build, test and install the last commit in another folder
	@set -e; dir=$$(mktemp -d); trap 'rm -rf $$dir' EXIT; \
	git archive HEAD | tar -x -C $$dir; \
	$(MAKE) -C $$dir BUILD=build unit all; \
	cd $$dir; IO7_BUILD=$$dir/build IO7_BIN=$$dir/build/io7 \
		prove -It/lib t/deploy/install.t

clean:			## remove the build folder
	rm -rf $(BUILD)

help:			## print this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | \
		expand -t 16
