/* Opening a node's home, in the order in which a mistake is cheapest to tell. */
#include "node/home.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/secret.h"
#include "exchange/paths.h"
#include "genesis/genesis.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROBE_BYTES (256 * 1024) /* what a start writes at least */
#define TOKEN_BYTES_MIN 16
#define TOKEN_BYTES_MAX 1024

static void path_in(struct buf *out, const struct config *config, const char *name)
{
    buf_append_format(out, "%s/%s", config->data_directory, name);
    (void)buf_text(out);
}

/* ---- the directory ---- */

/* One node on one directory; the lock goes with the process, however it ends. */
static int lock_directory(struct home *home, struct faults *faults, const struct config *config)
{
    AUTO(buf_free) struct buf path = {0};
    path_in(&path, config, "lock");
    home->lock = open(buf_text(&path), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (home->lock < 0) {
        return faults_add(faults, file_error(errno), NULL, "data_directory: %s", buf_text(&path));
    }
    if (flock(home->lock, LOCK_EX | LOCK_NB) != 0) {
        int error = errno == EWOULDBLOCK ? ERR_BUSY : file_error(errno);
        return faults_add(faults, error, NULL, "data_directory: %s", config->data_directory);
    }
    return 0;
}

/* A full disk is told here, in one sentence, not by whatever writes first. */
static int probe_room(struct faults *faults, const struct config *config, const char *path)
{
    AUTO(buf_free) struct buf zeros = {0};
    buf_reserve(&zeros, PROBE_BYTES);
    memset(zeros.data, 0, PROBE_BYTES);
    zeros.len = PROBE_BYTES;
    int error = file_write_atomic(path, view_of_buf(&zeros), 0600);
    (void)unlink(path);
    return error != 0
               ? faults_add(faults, error, NULL, "data_directory: %s", config->data_directory)
               : 0;
}

static int check_directory(struct faults *faults, const char *key, const char *path)
{
    int fd = -1;
    int error = path != NULL ? root_open(&fd, path) : 0;
    fd_close(&fd);
    return error != 0 ? faults_add(faults, error, NULL, "%s: %s", key, path) : 0;
}

/* Pages and files that are not there are told now, not to whoever asks for the first one. The inbox
 * is made by the gateway. */
static int check_directories(struct faults *faults, const struct config *config)
{
    int error = check_directory(faults, "web_directory", config->web_directory);
    if (error == 0 && config->exchange != NULL) {
        error = check_directory(faults, "exchange.root", config->exchange->root);
    }
    return error;
}

static int open_directory(struct home *home, struct faults *faults, const struct config *config)
{
    AUTO(buf_free) struct buf probe = {0};
    int error = file_make_directory(config->data_directory, 0700);
    if (error != 0) {
        return faults_add(faults, error, NULL, "data_directory: %s", config->data_directory);
    }
    error = check_directories(faults, config);
    error = error != 0 ? error : lock_directory(home, faults, config);
    path_in(&probe, config, "probe");
    return error != 0 ? error : probe_room(faults, config, buf_text(&probe));
}

/* Whether a node runs on the data directory. The lock is asked for and given back at once, so that
 * nobody's start is in the way of it. */
static bool is_locked(const struct config *config)
{
    AUTO(buf_free) struct buf path = {0};
    path_in(&path, config, "lock");
    AUTO(fd_close) int fd = open(buf_text(&path), O_RDONLY | O_CLOEXEC);
    return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

/* Makes nothing that its node would have to make: where the directory is not there yet, the one
 * that it will be made in is tried. */
static int check_room(struct faults *faults, const struct config *config)
{
    AUTO(buf_free) struct buf path = {0};
    struct stat status;
    buf_append_text(&path, config->data_directory);
    while (stat(buf_text(&path), &status) != 0 && errno == ENOENT) {
        while (path.len > 0 && path.data[path.len - 1] != '/') {
            path.len--;
        }
        if (path.len <= 1) {
            buf_append_text(&path, path.len == 0 ? "." : "");
            break;
        }
        path.len--; /* the slash */
    }
    buf_append_text(&path, "/dirchain-probe");
    return probe_room(faults, config, buf_text(&path));
}

/* ---- keys ---- */

static int open_key(struct keyfile *out, const struct home *home, struct faults *faults,
                    const char *where, const char *path, enum keyfile_kind kind,
                    const struct passphrase *passphrase)
{
    int error = keyfile_open(out, path, passphrase);
    if (error == 0 && out->kind != kind) {
        error = ERR_KEYFILE_KIND;
    } else if (error == 0 && out->cost == KEYFILE_COST_LIGHT && !home->test) {
        error = ERR_KEYFILE_LIGHT;
    }
    if (error != 0) {
        keyfile_close(out);
    }
    return error != 0 ? faults_add(faults, error, NULL, "%s: %s", where, path) : 0;
}

/* A label is "<member>/<name>"; the node's own keys must be its member's. */
static int check_label(struct faults *faults, const struct keyfile *key, const char *where,
                       const char *path, const char *member)
{
    bool own = strncmp(key->label, member, MEMBER_ID_CHARS) == 0 &&
               key->label[MEMBER_ID_CHARS] == '/' && key->label[MEMBER_ID_CHARS + 1] != '\0' &&
               strlen(key->label + MEMBER_ID_CHARS + 1) <= KEY_NAME_CHARS_MAX;
    return own ? 0
               : faults_add(faults, ERR_KEY_MEMBER, NULL, "%s: %s: %s", where, path, key->label);
}

static int open_own_key(struct keyfile *out, const struct home *home, struct faults *faults,
                        const char *where, const char *path, enum keyfile_kind kind,
                        const struct passphrase *passphrase, const struct config *config)
{
    int error = open_key(out, home, faults, where, path, kind, passphrase);
    return error != 0 ? error : check_label(faults, out, where, path, config->member);
}

static int read_token(struct hash *out, struct faults *faults, const char *where, const char *path)
{
    AUTO(buf_free) struct buf text = {0};
    int error = file_read_private(&text, path, TOKEN_BYTES_MAX);
    while (text.len > 0 && (text.data[text.len - 1] == '\n' || text.data[text.len - 1] == '\r')) {
        text.len--;
    }
    if (error == 0 && text.len < TOKEN_BYTES_MIN) {
        error = ERR_FIELD_LENGTH;
    }
    if (error == 0) {
        *out = hash_sha256(view_of_buf(&text));
        memory_wipe(text.data, text.len);
    }
    return error != 0 ? faults_add(faults, error, NULL, "%s: %s", where, path) : 0;
}

static int open_signer(struct home *home, struct faults *faults, const struct config *config,
                       size_t index, const struct passphrase *passphrase)
{
    const struct config_signer *wanted = &config->signers[index];
    struct api_signer *signer = &home->signers[index];
    struct keyfile key;
    char where[40], token[40];
    (void)snprintf(where, sizeof where, "signers[%zu].key_file", index);
    (void)snprintf(token, sizeof token, "signers[%zu].token_file", index);
    int error = open_key(&key, home, faults, where, wanted->key_file, KEYFILE_OFFICER, passphrase);
    if (error != 0) {
        return error;
    }
    error = check_label(faults, &key, where, wanted->key_file, config->member);
    if (error == 0) {
        error = read_token(&signer->token_hash, faults, token, wanted->token_file);
    }
    if (error == 0) {
        snprintf(signer->name, sizeof signer->name, "%s", wanted->name);
        snprintf(signer->key_name, sizeof signer->key_name, "%.*s", KEY_NAME_CHARS_MAX,
                 key.label + MEMBER_ID_CHARS + 1);
        keyfile_secret_key(&home->signer_secrets[index], &key);
        signer->secret = &home->signer_secrets[index];
        home->signer_count = index + 1;
    }
    keyfile_close(&key);
    return error;
}

static int open_signers(struct home *home, struct faults *faults, const struct config *config,
                        const struct passphrase *passphrase)
{
    int error = 0;
    size_t count = config->signers_count;
    if (count == 0) {
        return 0;
    }
    home->signers = memory_alloc(count * sizeof *home->signers);
    home->signer_secrets = secret_alloc(count * sizeof *home->signer_secrets);
    for (size_t i = 0; error == 0 && i < count; i++) {
        error = open_signer(home, faults, config, i, passphrase);
    }
    return error;
}

const struct api_signer *home_find_key(const struct home *home, const char *key_name)
{
    for (size_t i = 0; i < home->signer_count; i++) {
        if (strcmp(home->signers[i].key_name, key_name) == 0) {
            return &home->signers[i];
        }
    }
    return NULL;
}

static int check_gateway_key(struct faults *faults, const struct home *home,
                             const struct config *config)
{
    if (config->exchange == NULL || home_find_key(home, config->exchange->key) != NULL) {
        return 0;
    }
    return faults_add(faults, ERR_CONFIG_SIGNER, NULL, "exchange.key: %s", config->exchange->key);
}

/* Of a change of the vote key, before it or after. */
static int open_next_vote_key(struct home *home, struct faults *faults, const struct config *config,
                              const struct passphrase *passphrase)
{
    if (config->keys.vote == NULL) {
        return faults_add(faults, ERR_CONFIG_MISSING, NULL, "keys.vote");
    }
    int error = open_own_key(&home->vote_next, home, faults, "keys.vote_next",
                             config->keys.vote_next, KEYFILE_VOTE, passphrase, config);
    if (error == 0 &&
        memcmp(home->vote.public_bytes, home->vote_next.public_bytes, VOTE_KEY_BYTES) == 0) {
        error = faults_add(faults, ERR_KEY_DUPLICATE, NULL, "keys.vote_next: %s",
                           config->keys.vote_next);
    }
    return error;
}

static int open_keys(struct home *home, struct faults *faults, const struct config *config)
{
    struct passphrase passphrase = {0};
    int error = passphrase_read_file(&passphrase, config->keys.passphrase_file);
    if (error != 0) {
        return faults_add(faults, error, NULL, "keys.passphrase_file: %s",
                          config->keys.passphrase_file);
    }
    error = open_own_key(&home->peer, home, faults, "keys.peer", config->keys.peer, KEYFILE_PEER,
                         &passphrase, config);
    if (error == 0 && config->keys.vote != NULL) {
        error = open_own_key(&home->vote, home, faults, "keys.vote", config->keys.vote,
                             KEYFILE_VOTE, &passphrase, config);
        home->validator = error == 0;
    }
    if (error == 0 && config->keys.vote_next != NULL) {
        error = open_next_vote_key(home, faults, config, &passphrase);
    }
    if (error == 0) {
        error = open_signers(home, faults, config, &passphrase);
    }
    if (error == 0) {
        error = check_gateway_key(faults, home, config);
    }
    passphrase_free(&passphrase);
    return error;
}

/* ---- all of it ---- */

/* The first fault, with the file it is in. */
static int load_genesis(struct home *home, struct faults *faults, const struct config *config)
{
    struct faults found = {0};
    int error = genesis_load(&home->genesis, &home->genesis_hash, &found, config->genesis);
    if (error == 0) {
        return 0;
    }
    const char *field = found.count > 0 ? found.item[0].field : "";
    return faults_add(faults, found.count > 0 ? found.item[0].error : error, NULL,
                      "genesis: %s%s%s", config->genesis, field[0] != '\0' ? ": " : "", field);
}

static int open_genesis(struct home *out, struct faults *faults, const struct config *config)
{
    *out = (struct home){.lock = -1};
    int error = load_genesis(out, faults, config);
    if (error != 0) {
        return error;
    }
    out->test = doc_get_bool(out->genesis, "test", false);
    if (config->history_blocks > 0 && doc_text_is(out->genesis, "center", config->member)) {
        return faults_add(faults, ERR_CONFIG_ARCHIVE, NULL, "history_blocks");
    }
    return 0;
}

int home_open(struct home *out, struct faults *faults, const struct config *config)
{
    int error = open_genesis(out, faults, config);
    error = error != 0 ? error : open_directory(out, faults, config);
    return error != 0 ? error : open_keys(out, faults, config);
}

int home_check(bool *running, struct faults *faults, const struct config *config)
{
    AUTO(home_close) struct home home;
    int error = open_genesis(&home, faults, config);
    *running = is_locked(config);
    error = error != 0 ? error : check_directories(faults, config);
    if (error == 0 && !*running) {
        error = check_room(faults, config);
    }
    return error != 0 ? error : open_keys(&home, faults, config);
}

void home_close(struct home *home)
{
    keyfile_close(&home->peer);
    keyfile_close(&home->vote);
    keyfile_close(&home->vote_next);
    secret_free(home->signer_secrets); /* wipes */
    memory_free(home->signers);
    doc_free(&home->genesis);
    if (home->lock >= 0) {
        close(home->lock);
    }
    *home = (struct home){.lock = -1};
}

static void named_record(struct buf *path, const struct config *config, const struct vote_key *key)
{
    char name[32], hex[2 * VOTE_KEY_BYTES + 1];
    hex_encode(hex, view_of(key->bytes, VOTE_KEY_BYTES));
    (void)snprintf(name, sizeof name, "safety-%.16s", hex);
    buf_clear(path);
    path_in(path, config, name);
}

/* The record's file: of the key's name, or the plain one, which is the first key's. Where that is
 * another key's, or held for the other key of this home, the key's own is missing. *path is the
 * file that was opened, or the one that is missing. */
static int open_record(struct safety **out, struct buf *path, const struct home *home,
                       const struct config *config, const struct vote_key *key, bool second)
{
    named_record(path, config, key);
    int error = safety_open_file(out, buf_text(path), &home->genesis_hash, key);
    if (error != ERR_NOT_FOUND) {
        return error;
    }
    buf_clear(path);
    path_in(path, config, "safety");
    error = safety_open_file(out, buf_text(path), &home->genesis_hash, key);
    if (error == ERR_SAFETY_OTHER || (second && (error == ERR_BUSY || error == ERR_NOT_FOUND))) {
        named_record(path, config, key);
        error = ERR_NOT_FOUND;
    }
    return error;
}

int home_signer(struct signer **out, struct faults *faults, const struct home *home,
                const struct config *config, const struct home_vote *vote)
{
    AUTO(buf_free) struct buf path = {0};
    struct secret_key secret;
    struct vote_key key;
    struct safety *safety = NULL;
    bool second = vote->key == &home->vote_next;
    *out = NULL;
    keyfile_secret_key(&secret, vote->key);
    int error = sign_vote_key(&key, &secret);
    if (error == 0) {
        error = open_record(&safety, &path, home, config, &key, second);
    }
    if (error == ERR_NOT_FOUND && vote->unused) {
        error = safety_create_file(buf_text(&path), &home->genesis_hash, &key, vote->alone);
        error = error != 0 ? error
                           : safety_open_file(&safety, buf_text(&path), &home->genesis_hash, &key);
    }
    if (error == 0) {
        if (safety_damaged_copies(safety) > 0) {
            log_write(LOG_WARN, "node",
                      "%u copies of the safety record are damaged; check the disk",
                      safety_damaged_copies(safety));
        }
        error = signer_open(out, &safety, &home->genesis_hash, config->member, &secret, NULL);
    }
    memory_wipe(&secret, sizeof secret);
    error = error == ERR_NOT_FOUND ? ERR_SAFETY_LOST : error;
    if (error == ERR_VOTE_KEY_BUSY) {
        return faults_add(faults, error, NULL, "keys.%s: %s", second ? "vote_next" : "vote",
                          second ? config->keys.vote_next : config->keys.vote);
    }
    return error != 0 ? faults_add(faults, error, NULL, "%s", buf_text(&path)) : 0;
}

int home_make_record(struct faults *faults, const struct home *home, const struct config *config)
{
    AUTO(buf_free) struct buf path = {0};
    struct vote_key key;
    if (!home->validator) {
        return faults_add(faults, ERR_CONFIG_MISSING, NULL, "keys.vote");
    }
    memcpy(key.bytes, home->vote.public_bytes, VOTE_KEY_BYTES);
    path_in(&path, config, "ledger");
    int error = access(buf_text(&path), F_OK) == 0 ? ERR_EXISTS : 0;
    if (error == 0) {
        named_record(&path, config, &key);
        error = access(buf_text(&path), F_OK) == 0 ? ERR_EXISTS : 0;
    }
    if (error == 0) {
        buf_clear(&path);
        path_in(&path, config, "safety");
        error = safety_create_file(buf_text(&path), &home->genesis_hash, &key, false);
    }
    return error != 0 ? faults_add(faults, error, NULL, "%s", buf_text(&path)) : 0;
}
