/* HTTP for the command-line tool. cli_http.c is the only file here that knows libcurl.
 *
 * No redirects, no proxies (the node is ours), answers bounded, every call with a deadline. */
#ifndef DIRCHAIN_NODE_CLI_CLI_HTTP_H
#define DIRCHAIN_NODE_CLI_CLI_HTTP_H

#include "base/bytes.h"

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#define CLI_ANSWER_BYTES_MAX (64 * 1024 * 1024)

struct cli_http;
struct cli_http_answer {
    long status; /* HTTP status */
    struct buf body;
};

/* NULL when the library cannot start. */
struct cli_http *cli_http_open(void);
void cli_http_close(struct cli_http **http);
void cli_http_answer_free(struct cli_http_answer *answer);

/* Whether it is an http or https URL without credentials, query and fragment. */
bool cli_http_url_valid(const char *url);

/* Of the answers to single calls from now on (at first CLI_ANSWER_BYTES_MAX). */
void cli_http_set_bytes_max(struct cli_http *http, size_t bytes_max);
/* Single calls end with ERR_NETWORK within a second after this becomes non-zero; borrowed. */
void cli_http_set_stop(struct cli_http *http, const volatile sig_atomic_t *stop);
/* Every request carries this token from now on; borrowed, NULL for none. */
void cli_http_set_token(struct cli_http *http, const char *token);

/* ERR_NETWORK, ERR_TIMEOUT, ERR_TOO_LARGE; any HTTP status is an answer. */
int cli_http_get(struct cli_http *http, struct cli_http_answer *out, const char *url,
                 int64_t timeout_ms);
int cli_http_post(struct cli_http *http, struct cli_http_answer *out, const char *url,
                  const char *media_type, struct view body, int64_t timeout_ms);

/* Posts many bodies, `parallel` at a time; tells of each as it is answered, in any order. `next`
 * gives body number `index` to send, which must live until it is done; false ends. */
struct cli_http_many {
    const char *url;
    const char *media_type;
    size_t parallel;
    int64_t timeout_ms; /* of each */
    bool (*next)(void *context, size_t index, struct view *body);
    void (*done)(void *context, size_t index, int error, const struct cli_http_answer *answer);
    void *context;
};
int cli_http_post_many(struct cli_http *http, const struct cli_http_many *many);

#endif
