/* SHA-256 behind EVP. The algorithm is fetched once for the process; each thread keeps one context
 * and starts it anew for every message, because fetching and allocating cost more than hashing a
 * short input does. A failure of EVP here can only be a broken installation: the process stops. */
#include "base/hash.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <string.h>

#define HMAC_BLOCK_BYTES 64

static pthread_once_t fetch_once = PTHREAD_ONCE_INIT;
static pthread_key_t context_key; /* only to free a thread's context when the thread ends */
static EVP_MD *sha256;
static _Thread_local EVP_MD_CTX *thread_context;

static void context_free(void *context)
{
    EVP_MD_CTX_free(context);
    thread_context = NULL;
}

static void fetch(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    ENSURE(sha256);
    ENSURE(pthread_key_create(&context_key, context_free) == 0);
}

static EVP_MD_CTX *context_begin(void)
{
    EVP_MD_CTX *context = thread_context;
    if (!context) {
        ENSURE(pthread_once(&fetch_once, fetch) == 0);
        context = memory_must(EVP_MD_CTX_new());
        ENSURE(pthread_setspecific(context_key, context) == 0);
        thread_context = context;
    }
    ENSURE(EVP_DigestInit_ex2(context, sha256, NULL) == 1);
    return context;
}

struct hash hash_sha256_parts(const struct view *parts, size_t count)
{
    EVP_MD_CTX *context = context_begin();
    for (size_t i = 0; i < count; i++)
        ENSURE(EVP_DigestUpdate(context, parts[i].data, parts[i].len) == 1);
    struct hash hash;
    unsigned len = 0;
    ENSURE(EVP_DigestFinal_ex(context, hash.bytes, &len) == 1 && len == HASH_BYTES);
    return hash;
}

struct hash hash_sha256(struct view data)
{
    return hash_sha256_parts(&data, 1);
}

struct hash hash_tagged(const char *tag, struct view data)
{
    struct view parts[] = {view_of(tag, strlen(tag) + 1), data}; /* the tag's own NUL is the 0x00 */
    return hash_sha256_parts(parts, 2);
}

/* RFC 2104: H(key ^ opad ‖ H(key ^ ipad ‖ data)), key padded with zeros to a block. */
struct hash hash_hmac_sha256(struct view key, struct view data)
{
    uint8_t block[HMAC_BLOCK_BYTES] = {0};
    if (key.len > sizeof block) {
        struct hash short_key = hash_sha256(key);
        memcpy(block, short_key.bytes, HASH_BYTES);
        memory_wipe(&short_key, sizeof short_key);
    } else if (key.len > 0) {
        memcpy(block, key.data, key.len);
    }
    for (size_t i = 0; i < sizeof block; i++)
        block[i] ^= 0x36;
    struct hash inner = hash_sha256_parts((struct view[]){view_of(block, sizeof block), data}, 2);
    for (size_t i = 0; i < sizeof block; i++)
        block[i] ^= 0x36 ^ 0x5c;
    struct hash outer =
        hash_sha256_parts((struct view[]){view_of(block, sizeof block), hash_view(&inner)}, 2);
    memory_wipe(block, sizeof block);
    return outer;
}

bool hash_equal(const struct hash *a, const struct hash *b)
{
    return memcmp(a->bytes, b->bytes, HASH_BYTES) == 0;
}

bool hash_is_zero(const struct hash *hash)
{
    static const struct hash zero;
    return hash_equal(hash, &zero);
}

int hash_compare(const struct hash *a, const struct hash *b)
{
    return memcmp(a->bytes, b->bytes, HASH_BYTES);
}

void hash_to_hex(char out[2 * HASH_BYTES + 1], const struct hash *hash)
{
    hex_encode(out, hash_view(hash));
}

int hash_from_hex(struct hash *out, const char *text)
{
    return text ? hex_decode(out->bytes, HASH_BYTES, view_of_text(text)) : ERR_HEX;
}

struct view hash_view(const struct hash *hash)
{
    return view_of(hash->bytes, HASH_BYTES);
}
