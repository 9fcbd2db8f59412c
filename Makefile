# One verb for each thing people do. Each works on a fresh machine with Swift and apt: what is missing is installed.
.PHONY: lab build install uninstall test soak lessons bench fuzz format lint imports fuzzers

# The lab at its prompt. It is built for debugging, as for the tests and lessons, which takes less than half of the time that
# `make build` does; what comes of that is several times as fast, which is felt from some 100,000 keys or 1,000 nodes on.
lab:
	@scripts/need liblua5.1-0-dev libreadline-dev libpcap-dev zlib1g-dev
	swift build --product replab
	@.build/debug/replab

# The program as it is installed: optimised, and Swift's own libraries are in it, so that it runs where there is no Swift. The page's
# server library can make requests, too, which nobody here does, but which ties Foundation's networking to libcurl.
RELEASE = --configuration release --static-swift-stdlib
build:
	@scripts/need liblua5.1-0-dev libreadline-dev libpcap-dev zlib1g-dev libcurl4-openssl-dev
	swift build $(RELEASE) --product replab

# The program, its lessons and recordings, a manual page and completions for bash, zsh and fish, below PREFIX. They need
# neither this folder nor Swift any more. `PROGRAM=…` installs another program than the one that `make build` builds; so does root,
# as whom Swift may not be found, that one as it is.
PREFIX ?= /usr/local
BUILT = .build/release/replab
install: $(if $(PROGRAM),,$(if $(shell command -v swift),build,$(BUILT)))
	@scripts/install '$(PREFIX)' '$(or $(PROGRAM),$(BUILT))'

uninstall:
	@scripts/install '$(PREFIX)' --remove

export DESTDIR

# Every test. A real redis-server, tcpdump and tshark are the oracles; tmux plays the person at the prompt, chromium the one
# who looks at the page.
test:
	@scripts/need liblua5.1-0-dev libreadline-dev libpcap-dev zlib1g-dev redis-server redis-tools tcpdump tshark tmux \
	  chromium chromium-driver
	swift build --build-tests
	swift test --skip-build

# Every lesson, run unattended: what it shows is what is printed, and each question is proved both ways.
lessons:
	@scripts/need liblua5.1-0-dev libreadline-dev
	swift build --product replab
	@.build/debug/replab lesson test

# Figures beside those of the peers, and the goals. `make bench ROWS="fields resp"` prints some of them.
bench:
	@scripts/need redis-server redis-tools libhiredis-dev liblua5.1-0-dev libpcap-dev zlib1g-dev tcpdump
	swift build $(RELEASE) --product replab-bench
	@.build/release/replab-bench $(ROWS)

# The decoders and the program under fuzzers, ten minutes each: `make fuzz SECONDS=60`, `make fuzz ONLY="lines compare"`.
fuzz:
	@scripts/need liblua5.1-0-dev libreadline-dev libpcap-dev zlib1g-dev
	@Fuzz/fuzz $(or $(SECONDS),600) $(ONLY)

# The long runs. Trees of masters, replicas and Sentinels under faults, in the lab alone, until `STEPS=5000000` were made. Random
# situations, in the lab and to real servers, and all that both say compared: `make soak RUNS=500 FIRST=1000`; each that
# differs is kept as a script in soak/. Random situations recorded, and `compare --against lab` asked about each:
# `RECORDINGS=100`. Damaged snapshots loaded by both: `SNAPSHOTS=3000`. It needs the right to make networks and mounts of its
# own: root's, or a user namespace.
soak:
	@scripts/need liblua5.1-0-dev libpcap-dev zlib1g-dev redis-server
	swift build --configuration release --product replab-soak
	@.build/release/replab-soak --steps $(or $(STEPS),5000000) --first $(or $(FIRST),1) --parallel $$(nproc) --save soak
	@$(if $(filter 0,$(shell id -u)),,unshare --user --map-root-user) .build/release/replab-soak \
	  --runs $(or $(RUNS),200) --first $(or $(FIRST),1) --save soak
	@scripts/need tcpdump
	swift build --build-tests
	REPLAB_SOAK=1 REPLAB_SOAK_RUNS=$(or $(RECORDINGS),100) swift test --skip-build --filter RecordedSituationTests
	REPLAB_SNAPSHOTS=$(or $(SNAPSHOTS),3000) swift test --skip-build --filter 'MutatedSnapshotTests|InspectedBytesTests'

format:
	swift format --in-place --configuration .swift-format --parallel --recursive Package.swift Sources Tests

# What CI asks of the form: the style, strictly, and that each target names every target it imports.
lint:
	swift format lint --strict --configuration .swift-format --parallel --recursive Package.swift Sources Tests

imports:
	@scripts/need liblua5.1-0-dev libreadline-dev libpcap-dev zlib1g-dev
	swift build --build-tests --explicit-target-dependency-import-check error

# That the fuzzers, which `make fuzz` alone builds, still fit what they fuzz.
fuzzers:
	@scripts/need liblua5.1-0-dev libreadline-dev libpcap-dev zlib1g-dev
	swift build --build-tests
	@scripts/check-fuzzers
