/* Stands between a process and its C library (LD_PRELOAD) and gives a test three powers over it:
   - a log of everything that is done to the files below FAULTS_ROOT, from which the test makes the disk that a power failure would leave;
   - writes and syncs that fail, or lie, when the test says so;
   - a clock of the machine that jumps when the test says so.
   The test speaks through FAULTS_CONTROL, a file that both have mapped: struct control below. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { OPENED = 1, WRITTEN = 2, TRUNCATED = 3, SYNCED = 4, NAMES_SYNCED = 5, RENAMED = 6, UNLINKED = 7, MADE_DIRECTORY = 8 };

/* What a sync does: its work; nothing, but says it did; its work, but says it failed; nothing, and says so. The same for a write. */
enum { WORKS = 0, LIES = 1, FAILS_BUT_PERSISTS = 2, FAILS = 3 };

struct control {
    int64_t clock_offset_ms;
    int32_t sync_mode, sync_count; /* the mode holds for so many syncs; below zero: for all */
    int32_t write_mode, write_count;
    int32_t met; /* how often a mode other than WORKS was met */
};

/* One record of the log; the name and the data follow it. */
struct record {
    uint32_t operation, name_length;
    uint64_t file, offset, data_length;
};

#define MOST_FILES 65536
static uint64_t file_of[MOST_FILES]; /* inode of a tracked descriptor, else 0 */
static char is_directory[MOST_FILES];
static const char *root;
static size_t root_length;
static int log_file = -1;
static struct control *control;
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

static int (*real_open)(const char *, int, ...);
static int (*real_openat)(int, const char *, int, ...);
static int (*real_close)(int);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off64_t);
static int (*real_ftruncate)(int, off64_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_rename)(const char *, const char *);
static int (*real_unlink)(const char *);
static int (*real_mkdir)(const char *, mode_t);

static void begin(void) {
    static int begun;
    if (__atomic_exchange_n(&begun, 1, __ATOMIC_SEQ_CST))
        return;
    real_open = dlsym(RTLD_NEXT, "open64");
    real_openat = dlsym(RTLD_NEXT, "openat64");
    real_close = dlsym(RTLD_NEXT, "close");
    real_write = dlsym(RTLD_NEXT, "write");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_rename = dlsym(RTLD_NEXT, "rename");
    real_unlink = dlsym(RTLD_NEXT, "unlink");
    real_mkdir = dlsym(RTLD_NEXT, "mkdir");
    const char *path = getenv("FAULTS_CONTROL");
    if (path) {
        int fd = syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
        void *mapped = fd < 0 ? MAP_FAILED : mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (mapped == MAP_FAILED) {
            fputs("faults: FAULTS_CONTROL cannot be mapped\n", stderr);
            _exit(99);
        }
        control = mapped;
        syscall(SYS_close, fd);
    }
    root = getenv("FAULTS_ROOT");
    root_length = root ? strlen(root) : 0;
    path = getenv("FAULTS_LOG");
    if (root && path) {
        log_file = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
        if (log_file < 0) {
            fputs("faults: FAULTS_LOG cannot be opened\n", stderr);
            _exit(99);
        }
    }
}

__attribute__((constructor)) static void at_start(void) { begin(); }

static int is_below_root(const char *path) { return root && strncmp(path, root, root_length) == 0; }

static uint64_t tracked(int fd) { return fd >= 0 && fd < MOST_FILES ? file_of[fd] : 0; }

static void note(uint32_t operation, uint64_t file, uint64_t offset, const char *name, const void *data, uint64_t length) {
    if (log_file < 0)
        return;
    struct record record = { operation, name ? strlen(name) : 0, file, offset, data ? length : 0 };
    struct iovec parts[] = { { &record, sizeof record }, { (void *)name, record.name_length }, { (void *)data, record.data_length } };
    size_t all = sizeof record + record.name_length + record.data_length;
    if (syscall(SYS_writev, log_file, parts, 3) != (long)all) {
        fputs("faults: the log is not complete\n", stderr);
        _exit(99);
    }
}

static int mode_now(int32_t *mode, int32_t *count) {
    if (!control)
        return WORKS;
    int now = __atomic_load_n(mode, __ATOMIC_SEQ_CST);
    if (now == WORKS)
        return WORKS;
    if (*count == 0)
        return WORKS;
    if (*count > 0)
        __atomic_sub_fetch(count, 1, __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&control->met, 1, __ATOMIC_SEQ_CST);
    return now;
}

static int opened(int fd, const char *path, int flags) {
    struct stat64 found;
    if (fd < 0 || fd >= MOST_FILES || fstat64(fd, &found) != 0)
        return fd;
    is_directory[fd] = S_ISDIR(found.st_mode);
    if (!S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode))
        return fd;
    file_of[fd] = found.st_ino;
    if (!is_directory[fd]) {
        note(OPENED, found.st_ino, 0, path, NULL, 0);
        if (flags & O_TRUNC)
            note(TRUNCATED, found.st_ino, 0, NULL, NULL, 0);
    }
    return fd;
}

static int open_any(int at, const char *path, int flags, mode_t mode) {
    begin();
    if (!is_below_root(path)) /* and may block, as a pipe does */
        return at == AT_FDCWD ? real_open(path, flags, mode) : real_openat(at, path, flags, mode);
    pthread_mutex_lock(&one_at_a_time);
    int fd = opened(at == AT_FDCWD ? real_open(path, flags, mode) : real_openat(at, path, flags, mode), path, flags);
    int error = errno;
    pthread_mutex_unlock(&one_at_a_time);
    errno = error;
    return fd;
}

#define MODE_OF(flags) mode_t mode = 0; if ((flags) & (O_CREAT | __O_TMPFILE)) { va_list more; va_start(more, flags); mode = va_arg(more, mode_t); va_end(more); }

int open(const char *path, int flags, ...) { MODE_OF(flags) return open_any(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE_OF(flags) return open_any(AT_FDCWD, path, flags, mode); }
int openat(int at, const char *path, int flags, ...) { MODE_OF(flags) return open_any(at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { MODE_OF(flags) return open_any(at, path, flags, mode); }

int close(int fd) {
    begin();
    if (tracked(fd)) {
        pthread_mutex_lock(&one_at_a_time);
        file_of[fd] = 0;
        pthread_mutex_unlock(&one_at_a_time);
    }
    return real_close(fd);
}

static ssize_t write_any(int fd, const void *data, size_t length, off64_t offset, int has_offset) {
    begin();
    if (!tracked(fd))
        return has_offset ? real_pwrite(fd, data, length, offset) : real_write(fd, data, length);
    pthread_mutex_lock(&one_at_a_time);
    int mode = mode_now(control ? &control->write_mode : NULL, control ? &control->write_count : NULL);
    if (!has_offset) {
        struct stat64 found;
        offset = fcntl(fd, F_GETFL) & O_APPEND && fstat64(fd, &found) == 0 ? found.st_size : lseek64(fd, 0, SEEK_CUR);
    }
    ssize_t written = -1;
    int error = EIO;
    if (mode != FAILS) {
        written = has_offset ? real_pwrite(fd, data, length, offset) : real_write(fd, data, length);
        error = errno;
        if (written > 0)
            note(WRITTEN, tracked(fd), offset, NULL, data, written);
        if (mode == FAILS_BUT_PERSISTS) {
            written = -1;
            error = EIO;
        }
    }
    pthread_mutex_unlock(&one_at_a_time);
    errno = error;
    return written;
}

ssize_t write(int fd, const void *data, size_t length) { return write_any(fd, data, length, 0, 0); }
ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) { return write_any(fd, data, length, offset, 1); }
ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) { return write_any(fd, data, length, offset, 1); }

static ssize_t each(int fd, const struct iovec *parts, int count, off64_t offset, int has_offset) {
    ssize_t all = 0;
    for (int i = 0; i < count; i++) {
        ssize_t written = write_any(fd, parts[i].iov_base, parts[i].iov_len, offset + all, has_offset);
        if (written < 0)
            return all > 0 ? all : written;
        all += written;
        if ((size_t)written < parts[i].iov_len)
            break;
    }
    return all;
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    return tracked(fd) ? each(fd, parts, count, 0, 0) : syscall(SYS_writev, fd, parts, count);
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) { return each(fd, parts, count, offset, 1); }
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset) { return each(fd, parts, count, offset, 1); }

static int truncate_any(int fd, off64_t length) {
    begin();
    if (!tracked(fd))
        return real_ftruncate(fd, length);
    pthread_mutex_lock(&one_at_a_time);
    int done = real_ftruncate(fd, length), error = errno;
    if (done == 0)
        note(TRUNCATED, tracked(fd), length, NULL, NULL, 0);
    pthread_mutex_unlock(&one_at_a_time);
    errno = error;
    return done;
}

int ftruncate(int fd, off_t length) { return truncate_any(fd, length); }
int ftruncate64(int fd, off64_t length) { return truncate_any(fd, length); }

static int sync_any(int fd, int (*real)(int)) {
    if (!tracked(fd))
        return real(fd);
    pthread_mutex_lock(&one_at_a_time);
    int mode = mode_now(control ? &control->sync_mode : NULL, control ? &control->sync_count : NULL), done = 0, error = 0;
    if (mode == WORKS || mode == FAILS_BUT_PERSISTS) {
        done = real(fd);
        error = errno;
        if (done == 0 && is_directory[fd]) {
            char link[64], path[PATH_MAX];
            snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
            ssize_t length = readlink(link, path, sizeof path - 1);
            path[length < 0 ? 0 : length] = 0;
            note(NAMES_SYNCED, tracked(fd), 0, path, NULL, 0);
        } else if (done == 0)
            note(SYNCED, tracked(fd), 0, NULL, NULL, 0);
    }
    if (mode == FAILS_BUT_PERSISTS || mode == FAILS) {
        done = -1;
        error = EIO;
    }
    pthread_mutex_unlock(&one_at_a_time);
    errno = error;
    return done;
}

int fsync(int fd) { begin(); return sync_any(fd, real_fsync); }
int fdatasync(int fd) { begin(); return sync_any(fd, real_fdatasync); }

int rename(const char *from, const char *to) {
    begin();
    if (!is_below_root(to))
        return real_rename(from, to);
    pthread_mutex_lock(&one_at_a_time);
    int done = real_rename(from, to), error = errno;
    if (done == 0)
        note(RENAMED, 0, 0, to, from, strlen(from));
    pthread_mutex_unlock(&one_at_a_time);
    errno = error;
    return done;
}

int unlink(const char *path) {
    begin();
    if (!is_below_root(path))
        return real_unlink(path);
    pthread_mutex_lock(&one_at_a_time);
    int done = real_unlink(path), error = errno;
    if (done == 0)
        note(UNLINKED, 0, 0, path, NULL, 0);
    pthread_mutex_unlock(&one_at_a_time);
    errno = error;
    return done;
}

int mkdir(const char *path, mode_t mode) {
    begin();
    if (!is_below_root(path))
        return real_mkdir(path, mode);
    pthread_mutex_lock(&one_at_a_time);
    int done = real_mkdir(path, mode), error = errno;
    if (done == 0)
        note(MADE_DIRECTORY, 0, 0, path, NULL, 0);
    pthread_mutex_unlock(&one_at_a_time);
    errno = error;
    return done;
}

static int64_t offset_ms(void) {
    begin();
    return control ? __atomic_load_n(&control->clock_offset_ms, __ATOMIC_RELAXED) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int done = syscall(SYS_clock_gettime, clock, now);
    if (done == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        int64_t offset = offset_ms(), nanoseconds = now->tv_nsec + offset % 1000 * 1000000;
        now->tv_sec += offset / 1000 + (nanoseconds >= 1000000000) - (nanoseconds < 0);
        now->tv_nsec = nanoseconds + (nanoseconds < 0 ? 1000000000 : nanoseconds >= 1000000000 ? -1000000000 : 0);
    }
    return done;
}

int gettimeofday(struct timeval *now, void *zone) {
    struct timespec precise;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &precise);
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out)
        *out = now.tv_sec;
    return now.tv_sec;
}
