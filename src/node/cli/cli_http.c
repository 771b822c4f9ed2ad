/* HTTP over libcurl: single calls on one handle whose connection is reused, and many posts at once
 * on a set of handles. */
#include "node/cli/cli_http.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"

#include <curl/curl.h>
#include <string.h>

#define CONNECT_TIMEOUT_MS 10000L
#define PARALLEL_MAX 64

/* One call on its way. */
struct call {
    CURL *handle;
    struct curl_slist *headers;
    struct cli_http_answer answer;
    size_t bytes_max; /* of the body */
    bool too_large;
    bool busy;
    size_t index;
};

struct cli_http {
    struct call single;
    const char *token;
    const volatile sig_atomic_t *stop;
};

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
    struct call *call = context;
    size_t len = size * count;
    if (call->answer.body.len + len > call->bytes_max) {
        call->too_large = true;
        return 0; /* libcurl ends the call */
    }
    buf_append(&call->answer.body, data, len);
    return len;
}

static bool call_open(struct call *call)
{
    call->handle = curl_easy_init();
    call->bytes_max = CLI_ANSWER_BYTES_MAX;
    return call->handle != NULL;
}

static void call_close(struct call *call)
{
    curl_slist_free_all(call->headers);
    if (call->handle != NULL) {
        curl_easy_cleanup(call->handle);
    }
    cli_http_answer_free(&call->answer);
    *call = (struct call){0};
}

void cli_http_answer_free(struct cli_http_answer *answer)
{
    buf_free(&answer->body);
    answer->status = 0;
}

static void set_option(CURLcode code)
{
    ENSURE(code == CURLE_OK || code == CURLE_UNKNOWN_OPTION || code == CURLE_NOT_BUILT_IN);
}

/* Sets up a call; the connection of the handle's last one is kept. */
static void call_prepare(struct call *call, const char *url, const char *media_type,
                         struct view body, int64_t timeout_ms)
{
    CURL *handle = call->handle;
    buf_clear(&call->answer.body);
    call->answer.status = 0;
    call->too_large = false;
    curl_easy_reset(handle);
    curl_slist_free_all(call->headers);
    call->headers = curl_slist_append(NULL, "Expect:"); /* no wait before the body */
    set_option(curl_easy_setopt(handle, CURLOPT_URL, url));
    set_option(curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https"));
    set_option(curl_easy_setopt(handle, CURLOPT_PROXY, ""));
    set_option(curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L));
    set_option(curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L));
    set_option(curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS));
    set_option(curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, (long)timeout_ms));
    set_option(curl_easy_setopt(handle, CURLOPT_USERAGENT, "dirchain/" DIRCHAIN_VERSION));
    set_option(curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, on_body));
    set_option(curl_easy_setopt(handle, CURLOPT_WRITEDATA, call));
    if (media_type != NULL) {
        AUTO(buf_free) struct buf header = {0};
        buf_append_format(&header, "Content-Type: %s", media_type);
        call->headers = curl_slist_append(call->headers, buf_text(&header));
        set_option(curl_easy_setopt(handle, CURLOPT_POST, 1L));
        set_option(curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body.data));
        set_option(curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len));
    }
    set_option(curl_easy_setopt(handle, CURLOPT_HTTPHEADER, call->headers));
}

static int call_result(struct call *call, CURLcode code)
{
    (void)curl_easy_getinfo(call->handle, CURLINFO_RESPONSE_CODE, &call->answer.status);
    if (code == CURLE_OK) {
        return 0;
    }
    return call->too_large                    ? ERR_TOO_LARGE
           : code == CURLE_OPERATION_TIMEDOUT ? ERR_TIMEOUT
                                              : ERR_NETWORK;
}

struct cli_http *cli_http_open(void)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return NULL;
    }
    struct cli_http *http = memory_alloc(sizeof *http);
    if (!call_open(&http->single)) {
        cli_http_close(&http);
    }
    return http;
}

void cli_http_close(struct cli_http **http)
{
    if (*http != NULL) {
        call_close(&(*http)->single);
        memory_free(*http);
        *http = NULL;
        curl_global_cleanup();
    }
}

void cli_http_set_bytes_max(struct cli_http *http, size_t bytes_max)
{
    http->single.bytes_max = bytes_max;
}

void cli_http_set_stop(struct cli_http *http, const volatile sig_atomic_t *stop)
{
    http->stop = stop;
}

void cli_http_set_token(struct cli_http *http, const char *token)
{
    http->token = token;
}

/* After call_prepare: libcurl keeps a copy of the line until the call's list is released. */
static void call_authorise(struct call *call, const char *token)
{
    AUTO(buf_free) struct buf header = {0};
    if (token != NULL) {
        buf_append_format(&header, "Authorization: Bearer %s", token);
        call->headers = curl_slist_append(call->headers, buf_text(&header));
        memory_wipe(header.data, header.len);
        set_option(curl_easy_setopt(call->handle, CURLOPT_HTTPHEADER, call->headers));
    }
}

bool cli_http_url_valid(const char *url)
{
    bool valid = false;
    char *part = NULL;
    CURLU *parsed = curl_url();
    if (parsed == NULL) {
        return false;
    }
    if (curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(parsed, CURLUPART_SCHEME, &part, 0) == CURLUE_OK) {
        valid = strcmp(part, "http") == 0 || strcmp(part, "https") == 0;
        curl_free(part);
    }
    static const CURLUPart refused[] = {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY,
                                        CURLUPART_FRAGMENT};
    for (size_t i = 0; valid && i < sizeof refused / sizeof *refused; i++) {
        if (curl_url_get(parsed, refused[i], &part, 0) == CURLUE_OK) {
            curl_free(part);
            valid = false;
        }
    }
    curl_url_cleanup(parsed);
    return valid;
}

/* ---- one call ---- */

/* libcurl asks at least once a second; non-zero ends the call. */
static int on_progress(void *context, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                       curl_off_t up)
{
    const struct cli_http *http = context;
    (void)down_total, (void)down, (void)up_total, (void)up;
    return *http->stop != 0;
}

static int perform(struct cli_http *http, struct cli_http_answer *out)
{
    struct call *call = &http->single;
    if (http->stop != NULL) {
        set_option(curl_easy_setopt(call->handle, CURLOPT_NOPROGRESS, 0L));
        set_option(curl_easy_setopt(call->handle, CURLOPT_XFERINFOFUNCTION, on_progress));
        set_option(curl_easy_setopt(call->handle, CURLOPT_XFERINFODATA, http));
    }
    int error = call_result(call, curl_easy_perform(call->handle));
    *out = call->answer; /* the bytes move out */
    call->answer = (struct cli_http_answer){0};
    return error;
}

int cli_http_get(struct cli_http *http, struct cli_http_answer *out, const char *url,
                 int64_t timeout_ms)
{
    call_prepare(&http->single, url, NULL, (struct view){0}, timeout_ms);
    call_authorise(&http->single, http->token);
    return perform(http, out);
}

int cli_http_post(struct cli_http *http, struct cli_http_answer *out, const char *url,
                  const char *media_type, struct view body, int64_t timeout_ms)
{
    call_prepare(&http->single, url, media_type, body, timeout_ms);
    call_authorise(&http->single, http->token);
    return perform(http, out);
}

/* ---- many calls ---- */

struct many {
    const struct cli_http_many *plan;
    CURLM *multi;
    struct call calls[PARALLEL_MAX];
    size_t parallel;
    size_t next_index;
    size_t flying;
    bool ended; /* `next` has no more */
};

/* Puts the next body on a free handle. */
static void launch(struct many *many)
{
    for (size_t i = 0; i < many->parallel && !many->ended; i++) {
        struct call *call = &many->calls[i];
        struct view body;
        if (call->busy) {
            continue;
        }
        if (!many->plan->next(many->plan->context, many->next_index, &body)) {
            many->ended = true;
            return;
        }
        call_prepare(call, many->plan->url, many->plan->media_type, body, many->plan->timeout_ms);
        call->index = many->next_index++;
        call->busy = true;
        set_option(curl_easy_setopt(call->handle, CURLOPT_PRIVATE, call));
        ENSURE(curl_multi_add_handle(many->multi, call->handle) == CURLM_OK);
        many->flying++;
    }
}

static void land(struct many *many)
{
    int left;
    for (CURLMsg *message; (message = curl_multi_info_read(many->multi, &left)) != NULL;) {
        char *private = NULL;
        CURLcode code = message->data.result;
        set_option(curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private));
        struct call *call = (struct call *)(void *)private;
        (void)curl_multi_remove_handle(many->multi, call->handle);
        call->busy = false;
        many->flying--;
        int error = call_result(call, code);
        many->plan->done(many->plan->context, call->index, error, &call->answer);
    }
}

static int run_many(struct many *many)
{
    launch(many);
    while (many->flying > 0) {
        int running;
        if (curl_multi_perform(many->multi, &running) != CURLM_OK) {
            return ERR_NETWORK;
        }
        land(many);
        launch(many);
        /* Last: what has landed already would be waited for in vain, each time for a second. */
        if (many->flying > 0 &&
            curl_multi_poll(many->multi, NULL, 0, 1000, NULL) != CURLM_OK) {
            return ERR_NETWORK;
        }
    }
    return 0;
}

int cli_http_post_many(struct cli_http *http, const struct cli_http_many *plan)
{
    (void)http; /* keeps the library started */
    struct many *many = memory_alloc(sizeof *many);
    int error = 0;
    many->plan = plan;
    many->parallel = plan->parallel < PARALLEL_MAX ? plan->parallel : PARALLEL_MAX;
    many->multi = curl_multi_init();
    error = many->multi == NULL ? ERR_UNAVAILABLE : 0;
    for (size_t i = 0; error == 0 && i < many->parallel; i++) {
        error = call_open(&many->calls[i]) ? 0 : ERR_UNAVAILABLE;
    }
    if (error == 0) {
        error = run_many(many);
    }
    for (size_t i = 0; i < many->parallel; i++) {
        if (many->calls[i].busy) {
            (void)curl_multi_remove_handle(many->multi, many->calls[i].handle);
        }
        call_close(&many->calls[i]);
    }
    if (many->multi != NULL) {
        (void)curl_multi_cleanup(many->multi);
    }
    memory_free(many);
    return error;
}
