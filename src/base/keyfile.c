/* Key files. Owns the format on disk and what ties its parts together.
 *
 * What is sealed is the secret followed by a hash of everything else in the file that means
 * something (format, kind, label, public key, cost, salt). So a file in which any of that was
 * changed does not open, even though it is written in the clear; and after opening, the public
 * key is derived again and compared. Whoever holds an open key file holds the key its label says.
 *
 * A hostile file can cost at most KEYFILE_OPS_MAX passes over KEYFILE_MEM_KIB_MAX. */
#include "base/keyfile.h"

#include "base/doc.h"
#include "base/ensure.h"
#include "base/errors.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/secret.h"

#include <string.h>
#include <sys/stat.h>

#define FORMAT "dirchain-key/1"
#define HEADER_TAG "dirchain/keyfile/1"
#define KDF "argon2id"
#define PLAIN_BYTES (SECRET_KEY_BYTES + HASH_BYTES)
#define SEALED_BYTES (PLAIN_BYTES + SECRET_SEAL_BYTES)
#define OPS_MIN 1
#define MEM_KIB_MIN 8

static_assert(SECRET_KEY_BYTES == SECRET_SEED_BYTES, "all secrets are of one size");

/* Normal: the passes of RFC 9106's second choice over four times its memory. */
static const struct secret_cost costs[] = {
    [KEYFILE_COST_NORMAL] = {.ops = 3, .mem_kib = 256 * 1024},
    [KEYFILE_COST_LIGHT] = {.ops = 1, .mem_kib = 1024},
};

static const char *const kind_names[] = {
    [KEYFILE_OFFICER] = "officer",
    [KEYFILE_VOTE] = "vote",
    [KEYFILE_PEER] = "peer",
};
#define KIND_COUNT (sizeof kind_names / sizeof kind_names[0])

/* The file between disk and memory. */
struct sealed_key {
    struct secret_lock lock;
    struct hash header; /* of what is not sealed */
    uint8_t sealed[SEALED_BYTES];
};

static void release(uint8_t **secret)
{
    secret_free(*secret);
}

static int derive_public(uint8_t out[PUBLIC_KEY_BYTES], size_t *len, enum keyfile_kind kind,
                         const uint8_t *secret_bytes)
{
    const struct secret_key *secret = (const struct secret_key *)secret_bytes;
    struct public_key public_key;
    struct vote_key vote_key;
    int error = 0;
    switch (kind) {
    case KEYFILE_OFFICER:
        error = sign_public_key(&public_key, secret);
        *len = PUBLIC_KEY_BYTES;
        memcpy(out, public_key.bytes, error == 0 ? *len : 0);
        break;
    case KEYFILE_VOTE:
        error = sign_vote_key(&vote_key, secret);
        *len = VOTE_KEY_BYTES;
        memcpy(out, vote_key.bytes, error == 0 ? *len : 0);
        break;
    case KEYFILE_PEER:
        *len = SECRET_PEER_KEY_BYTES;
        secret_peer_key(out, secret_bytes);
        break;
    }
    return error;
}

static void make_secret(uint8_t *secret, enum keyfile_kind kind)
{
    if (kind == KEYFILE_PEER) {
        secret_random(secret, SECRET_SEED_BYTES);
    } else {
        sign_random_key((struct secret_key *)secret);
    }
}

static void set_hex(struct doc *object, const char *key, const uint8_t *bytes, size_t len)
{
    char text[2 * SEALED_BYTES + 1];
    ENSURE(len <= SEALED_BYTES);
    hex_encode(text, view_of(bytes, len));
    doc_set_text(object, key, text);
}

static bool get_hex(uint8_t *out, size_t len, const struct doc *object, const char *key)
{
    const char *text = doc_get_text(object, key);
    return text != NULL && hex_decode(out, len, view_of_text(text)) == 0;
}

/* Everything but the box. */
static struct doc *write_header(const struct keyfile *keyfile, const struct secret_lock *lock)
{
    struct doc *kdf = doc_new_object();
    doc_set_text(kdf, "alg", KDF);
    doc_set_int(kdf, "ops", lock->cost.ops);
    doc_set_int(kdf, "mem_kib", lock->cost.mem_kib);
    set_hex(kdf, "salt", lock->salt, sizeof lock->salt);
    struct doc *doc = doc_new_object();
    doc_set_text(doc, "format", FORMAT);
    doc_set_text(doc, "kind", kind_names[keyfile->kind]);
    doc_set_text(doc, "label", keyfile->label);
    set_hex(doc, "public", keyfile->public_bytes, keyfile->public_len);
    doc_set(doc, "kdf", kdf);
    return doc;
}

static int check_label(const char *label)
{
    size_t len = label == NULL ? 0 : strnlen(label, sizeof(((struct keyfile *)0)->label));
    if (len == 0 || len >= sizeof(((struct keyfile *)0)->label)) {
        return ERR_FIELD_LENGTH;
    }
    if (!doc_text_valid(view_of(label, len)) || strpbrk(label, "\n\t") != NULL) {
        return ERR_FIELD_FORMAT;
    }
    return 0;
}

/* Seals and writes a key whose kind, label and public key are set. */
static int write_key(const char *path, const struct keyfile *keyfile, struct secret_cost cost,
                     const struct passphrase *passphrase)
{
    struct secret_lock lock = {.cost = cost};
    uint8_t sealed[SEALED_BYTES];
    struct hash header;
    secret_random(lock.salt, sizeof lock.salt);
    secret_random(lock.nonce, sizeof lock.nonce);
    AUTO(doc_free) struct doc *doc = write_header(keyfile, &lock);
    doc_hash(&header, HEADER_TAG, doc);

    AUTO(release) uint8_t *plain = secret_alloc(PLAIN_BYTES);
    memcpy(plain, keyfile->secret, SECRET_KEY_BYTES);
    memcpy(plain + SECRET_KEY_BYTES, header.bytes, HASH_BYTES);
    int error =
        secret_seal(sealed, &lock, view_of(passphrase->text, passphrase->len), plain, PLAIN_BYTES);
    if (error != 0) {
        return error;
    }
    struct doc *box = doc_new_object();
    set_hex(box, "nonce", lock.nonce, sizeof lock.nonce);
    set_hex(box, "ciphertext", sealed, sizeof sealed);
    doc_set(doc, "box", box);
    AUTO(buf_free) struct buf text = {0};
    doc_append_pretty(&text, doc);
    buf_append_text(&text, "\n");
    return file_create(path, view_of_buf(&text), 0600);
}

int keyfile_create(const char *path, enum keyfile_kind kind, const char *label,
                   const struct passphrase *passphrase, enum keyfile_cost cost)
{
    struct stat status;
    int error = check_label(label);
    if (error == 0 && passphrase->len < PASSPHRASE_CHARS_MIN) {
        error = ERR_FIELD_LENGTH;
    }
    if (error == 0 && lstat(path, &status) == 0) {
        error = ERR_EXISTS; /* said before the derivation; file_create says it for certain */
    }
    if (error != 0) {
        return error;
    }
    AUTO(keyfile_close) struct keyfile keyfile = {.kind = kind};
    memcpy(keyfile.label, label, strlen(label));
    keyfile.secret = secret_alloc(SECRET_KEY_BYTES);
    make_secret(keyfile.secret, kind);
    error = derive_public(keyfile.public_bytes, &keyfile.public_len, kind, keyfile.secret);
    ENSURE(error == 0); /* we made it */
    return write_key(path, &keyfile, costs[cost], passphrase);
}

static bool read_kind(enum keyfile_kind *kind, const struct doc *doc)
{
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (doc_text_is(doc, "kind", kind_names[i])) {
            *kind = (enum keyfile_kind)i;
            return true;
        }
    }
    return false;
}

static bool read_lock(struct secret_lock *lock, const struct doc *kdf, const struct doc *box)
{
    int64_t ops = doc_get_int(kdf, "ops", 0);
    int64_t mem_kib = doc_get_int(kdf, "mem_kib", 0);
    if (doc_count(kdf) != 4 || doc_count(box) != 2 || !doc_text_is(kdf, "alg", KDF) ||
        ops < OPS_MIN || ops > KEYFILE_OPS_MAX || mem_kib < MEM_KIB_MIN ||
        mem_kib > KEYFILE_MEM_KIB_MAX) {
        return false;
    }
    lock->cost = (struct secret_cost){.ops = (uint32_t)ops, .mem_kib = (uint32_t)mem_kib};
    return get_hex(lock->salt, sizeof lock->salt, kdf, "salt") &&
           get_hex(lock->nonce, sizeof lock->nonce, box, "nonce");
}

/* What is cheaper than a normal key in passes or memory. */
static enum keyfile_cost cost_of(struct secret_cost cost)
{
    const struct secret_cost *normal = &costs[KEYFILE_COST_NORMAL];
    return cost.ops < normal->ops || cost.mem_kib < normal->mem_kib ? KEYFILE_COST_LIGHT
                                                                    : KEYFILE_COST_NORMAL;
}

static bool public_valid(const struct keyfile *keyfile)
{
    struct public_key public_key;
    struct vote_key vote_key;
    switch (keyfile->kind) {
    case KEYFILE_OFFICER:
        memcpy(public_key.bytes, keyfile->public_bytes, PUBLIC_KEY_BYTES);
        return public_key_valid(&public_key);
    case KEYFILE_VOTE:
        memcpy(vote_key.bytes, keyfile->public_bytes, VOTE_KEY_BYTES);
        return vote_key_valid(&vote_key);
    case KEYFILE_PEER:
        return true; /* compared with the secret on opening; TLS judges it elsewhere */
    }
    return false;
}

static int parse_key(struct keyfile *out, struct sealed_key *sealed, struct view text)
{
    AUTO(doc_free) struct doc *doc = NULL;
    if (doc_parse(&doc, text, KEYFILE_BYTES_MAX) != 0) {
        return ERR_KEYFILE_FORMAT;
    }
    const struct doc *box = doc_get(doc, "box");
    const char *label = doc_get_text(doc, "label");
    if (doc_count(doc) != 6 || !doc_text_is(doc, "format", FORMAT) || !read_kind(&out->kind, doc) ||
        check_label(label) != 0 || !read_lock(&sealed->lock, doc_get(doc, "kdf"), box) ||
        !get_hex(sealed->sealed, sizeof sealed->sealed, box, "ciphertext")) {
        return ERR_KEYFILE_FORMAT;
    }
    memcpy(out->label, label, strlen(label));
    out->cost = cost_of(sealed->lock.cost);
    out->public_len = out->kind == KEYFILE_OFFICER ? PUBLIC_KEY_BYTES : VOTE_KEY_BYTES;
    if (!get_hex(out->public_bytes, out->public_len, doc, "public") || !public_valid(out)) {
        return ERR_KEYFILE_FORMAT;
    }
    /* Hashed as we would write it: what we did not read cannot be part of it. */
    AUTO(doc_free) struct doc *header = write_header(out, &sealed->lock);
    doc_hash(&sealed->header, HEADER_TAG, header);
    return 0;
}

static int read_file(struct buf *text, const char *path, bool private)
{
    int error = private ? file_read_private(text, path, KEYFILE_BYTES_MAX)
                        : file_read(text, path, KEYFILE_BYTES_MAX);
    return error == ERR_TOO_LARGE ? ERR_KEYFILE_FORMAT : error;
}

static int unseal_key(struct keyfile *out, const struct sealed_key *sealed,
                      const struct passphrase *passphrase)
{
    AUTO(release) uint8_t *plain = secret_alloc(PLAIN_BYTES);
    int error = secret_unseal(plain, &sealed->lock, view_of(passphrase->text, passphrase->len),
                              view_of(sealed->sealed, sizeof sealed->sealed));
    if (error != 0) {
        return error;
    }
    uint8_t derived[PUBLIC_KEY_BYTES];
    size_t derived_len;
    if (memcmp(plain + SECRET_KEY_BYTES, sealed->header.bytes, HASH_BYTES) != 0 ||
        derive_public(derived, &derived_len, out->kind, plain) != 0 ||
        !view_equal(view_of(derived, derived_len), view_of(out->public_bytes, out->public_len))) {
        return ERR_KEYFILE_FORMAT;
    }
    out->secret = secret_alloc(SECRET_KEY_BYTES);
    memcpy(out->secret, plain, SECRET_KEY_BYTES);
    secret_protect(out->secret);
    return 0;
}

int keyfile_open(struct keyfile *out, const char *path, const struct passphrase *passphrase)
{
    AUTO(buf_free) struct buf text = {0};
    struct sealed_key sealed;
    *out = (struct keyfile){0};
    int error = read_file(&text, path, true);
    if (error == 0) {
        error = parse_key(out, &sealed, view_of_buf(&text));
    }
    if (error == 0) {
        error = unseal_key(out, &sealed, passphrase);
    }
    if (error != 0) {
        keyfile_close(out);
    }
    return error;
}

int keyfile_peek(struct keyfile *out, const char *path)
{
    AUTO(buf_free) struct buf text = {0};
    struct sealed_key sealed;
    *out = (struct keyfile){0};
    int error = read_file(&text, path, false);
    if (error == 0) {
        error = parse_key(out, &sealed, view_of_buf(&text));
    }
    if (error != 0) {
        keyfile_close(out);
    }
    return error;
}

void keyfile_close(struct keyfile *keyfile)
{
    secret_free(keyfile->secret);
    *keyfile = (struct keyfile){0};
}

void keyfile_secret_key(struct secret_key *out, const struct keyfile *keyfile)
{
    ENSURE(keyfile->secret != NULL);
    memcpy(out->bytes, keyfile->secret, SECRET_KEY_BYTES);
}
