/* HTTPS by libcurl: TLS 1.3 only, no proxy, no redirect, nothing from the environment. The server
 * is judged by its pinned key alone; names and dates of its certificate say nothing. */
#include "exchange/gateway_client.h"

#include "base/errors.h"
#include "base/log.h"
#include "base/memory.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define CONNECT_MS 4000L
#define STALL_S 20L /* without a byte */
#define URL_BYTES_MAX 1024

struct gateway_client {
    CURL *curl;
    const struct tls_identity *identity;
    const atomic_bool *stop;
    uint8_t key[TLS_KEY_BYTES]; /* whom the kept connections lead to */
    struct buf *body;           /* of the request at work */
    size_t body_max;
    bool too_large;
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void init_curl(void)
{
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

struct gateway_client *gateway_client_new(const struct tls_identity *identity,
                                          const atomic_bool *stop)
{
    struct gateway_client *client = memory_alloc(sizeof *client);
    (void)pthread_once(&curl_once, init_curl);
    client->curl = memory_must(curl_easy_init());
    client->identity = identity;
    client->stop = stop;
    return client;
}

void gateway_client_free(struct gateway_client **client)
{
    if (*client != NULL) {
        curl_easy_cleanup((*client)->curl);
        memory_free(*client);
        *client = NULL;
    }
}

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
    struct gateway_client *client = context;
    size_t len = size * count;
    if (len > client->body_max - client->body->len) {
        client->too_large = true;
        return 0; /* ends the request */
    }
    buf_append(client->body, data, len);
    return len;
}

static int on_progress(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct gateway_client *client = context;
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    return atomic_load(client->stop) ? 1 : 0;
}

/* Only what an endpoint is made of: nothing that would change the meaning of a URL. */
static bool endpoint_plain(const char *endpoint)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789.-:[]";
    size_t len = strlen(endpoint);
    return len > 0 && len < URL_BYTES_MAX / 2 && strspn(endpoint, allowed) == len;
}

static bool set_identity(CURL *curl, const struct tls_identity *identity)
{
    struct curl_blob certificate = {.data = identity->certificate_pem,
                                    .len = strlen(identity->certificate_pem),
                                    .flags = CURL_BLOB_NOCOPY};
    struct curl_blob key = {
        .data = identity->key_pem, .len = strlen(identity->key_pem), .flags = CURL_BLOB_NOCOPY};
    return curl_easy_setopt(curl, CURLOPT_SSLCERT_BLOB, &certificate) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SSLKEY_BLOB, &key) == CURLE_OK;
}

static bool set_rules(CURL *curl, const char *pin)
{
    return curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SSLVERSION,
                            (long)CURL_SSLVERSION_TLSv1_3 | (long)CURL_SSLVERSION_MAX_TLSv1_3) ==
               CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SSL_SESSIONID_CACHE, 0L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PINNEDPUBLICKEY, pin) == CURLE_OK;
}

static bool set_request(struct gateway_client *client, const struct gateway_request *request,
                        const char *url, const struct curl_slist *headers)
{
    CURL *curl = client->curl;
    long deadline_ms = (long)request->deadline_ms;
    bool set = curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, deadline_ms) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, STALL_S) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, 256L * 1024) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_WRITEDATA, client) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_XFERINFODATA, client) == CURLE_OK;
    if (set && request->post) {
        set = curl_easy_setopt(curl, CURLOPT_POST, 1L) == CURLE_OK &&
              curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, 0L) == CURLE_OK &&
              curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "") == CURLE_OK;
    }
    return set;
}

static int error_of(const struct gateway_client *client, CURLcode code)
{
    if (client->too_large) {
        return ERR_TOO_LARGE;
    }
    if (code == CURLE_SSL_PINNEDPUBKEYNOTMATCH) {
        log_write(LOG_WARN, "exchange", "a gateway showed another key than its member's");
    }
    return code == CURLE_OPERATION_TIMEDOUT ? ERR_TIMEOUT : ERR_NETWORK;
}

static int perform(unsigned *status, struct gateway_client *client,
                   const struct gateway_request *request, const struct curl_slist *headers)
{
    char url[URL_BYTES_MAX], pin[TLS_PIN_CHARS];
    long code = 0;
    int len = snprintf(url, sizeof url, "https://%s%s", request->endpoint, request->path);
    tls_pin_of_key(pin, request->key);
    if (!endpoint_plain(request->endpoint) || len < 0 || (size_t)len >= sizeof url) {
        return ERR_CONFIG;
    }
    if (memcmp(client->key, request->key, TLS_KEY_BYTES) != 0) { /* no connection of another */
        curl_easy_cleanup(client->curl);
        client->curl = memory_must(curl_easy_init());
        memcpy(client->key, request->key, TLS_KEY_BYTES);
    }
    curl_easy_reset(client->curl); /* keeps connections */
    if (!set_identity(client->curl, client->identity) || !set_rules(client->curl, pin) ||
        !set_request(client, request, url, headers)) {
        return ERR_UNAVAILABLE;
    }
    CURLcode result = curl_easy_perform(client->curl);
    if (result != CURLE_OK) {
        return error_of(client, result);
    }
    (void)curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &code);
    *status = (unsigned)code;
    return 0;
}

int gateway_client_ask(unsigned *status, struct buf *body, struct gateway_client *client,
                       const struct gateway_request *request)
{
    struct curl_slist *headers = curl_slist_append(NULL, "Accept: application/json, "
                                                         "application/octet-stream");
    headers = memory_must(curl_slist_append(memory_must(headers), "Content-Type:"));
    if (request->header != NULL) {
        headers = memory_must(curl_slist_append(headers, request->header));
    }
    client->body = body;
    client->body_max = request->answer_bytes_max;
    client->too_large = false;
    int error = perform(status, client, request, headers);
    curl_slist_free_all(headers);
    return error;
}
