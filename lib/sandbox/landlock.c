/*
 * Landlock by its system calls: the C library has no wrappers.
 *
 * The headers of the build machine may be older than the kernel, so the
 * structures and bits of later versions are repeated here.
 */
#include "lib/sandbox/landlock.h"

#include <errno.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

/* struct landlock_ruleset_attr of version 6. */
struct rules {
	uint64_t files, network, scopes;
};

enum {
	FILES_BITS = 13,       /* of version 1 */
	FILES_REFER = 1 << 13, /* since version 2 */
	FILES_TRUNCATE = 1 << 14,
	FILES_IOCTL = 1 << 15, /* since version 5 */
	NETWORK_ALL = 3,       /* since version 4: bind and connect with TCP */
	SCOPES_ALL = 3, /* since version 6: abstract sockets and signals */
};

static const uint64_t in_folder = LANDLOCK_ACCESS_FS_READ_FILE |
    LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
    FILES_TRUNCATE;

int
landlock_version(void)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);

	return version < 0 ? 0 : (int)version;
}

static struct rules
rules_of(int version)
{
	struct rules r = { .files = (1 << FILES_BITS) - 1 };

	if (version >= 2)
		r.files |= FILES_REFER;
	if (version >= 3)
		r.files |= FILES_TRUNCATE;
	if (version >= 4)
		r.network = NETWORK_ALL;
	if (version >= 5)
		r.files |= FILES_IOCTL;
	if (version >= 6)
		r.scopes = SCOPES_ALL;
	return r;
}

static size_t
rules_size(int version)
{
	return version >= 6 ? sizeof(struct rules)
	    : version >= 4  ? offsetof(struct rules, scopes)
			    : offsetof(struct rules, network);
}

static bool
allow(int set, int file, uint64_t access)
{
	struct landlock_path_beneath_attr beneath = {
		.allowed_access = access,
		.parent_fd = file,
	};

	return syscall(SYS_landlock_add_rule, set, LANDLOCK_RULE_PATH_BENEATH,
		   &beneath, 0) == 0;
}

bool
landlock_confine(int folder)
{
	int version = landlock_version(), set;
	struct rules rules = rules_of(version);
	bool fine;

	if (version == 0)
		return true;
	set = (int)syscall(SYS_landlock_create_ruleset, &rules,
	    rules_size(version), 0);
	if (set < 0)
		return false;
	fine = allow(set, folder, in_folder & rules.files) &&
	    syscall(SYS_landlock_restrict_self, set, 0) == 0;
	close(set);
	return fine;
}
