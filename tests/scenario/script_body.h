/* What the steps of a scenario are made of: words, names, templates, bodies. Of script.c alone. */
#ifndef DIRCHAIN_TESTS_SCENARIO_SCRIPT_BODY_H
#define DIRCHAIN_TESTS_SCENARIO_SCRIPT_BODY_H

#include "script.h"

#include "play.h"

#include "check.h"

#define NAMES_MAX 400
#define TEMPLATES_MAX 48
#define WORD_BYTES 400
#define SCRIPT_BYTES_MAX (1 << 20)

struct name {
    char word[64], value[65];
};

struct template
{
    char word[64];
    struct doc *body;
};

struct script {
    const char *path;
    unsigned line; /* of the step */
    int loud;
    char profile[WORD_BYTES];
    struct play *play;
    struct name names[NAMES_MAX];
    size_t name_count;
    struct template templates[TEMPLATES_MAX];
    size_t template_count;
    int64_t ended_ms; /* of the last 届满 */
    struct script_result result;
};

/* Fails the test, with the file and the line of the step. */
void script_wrong(const struct script *script, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));

/* The next word of the step; "" at its end. */
void script_word(const char **rest, char out[WORD_BYTES]);
/* Whether the next word is this one; then it is taken. */
bool script_take(const char **rest, const char *word);
void script_need(const struct script *script, const char **rest, const char *word);
int64_t script_time(const struct script *script, const char **rest);

void script_define(struct script *script, const char *word, const char *value);
/* The name that the text begins with, the longest there is; NULL. */
const struct name *script_name(const struct script *script, const char *text);
/* Replaces each $NAME. */
void script_resolve(const struct script *script, struct buf *out, const char *text);

/* "模板 NAME {…}", "模板 NAME 按 OTHER {…}"; OTHER may be 现行政策, the profile in force. */
void script_template(struct script *script, const char *rest);
/* The body of a step: the template ("": none), and what the step says itself. Caller owns it. */
struct doc *script_body(const struct script *script, const char *template_word, const char *text);

#endif
