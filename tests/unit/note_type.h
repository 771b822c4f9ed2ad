/* The transaction type of the format tests, "test.note": its table holds every kind of field, and
 * lists within lists to any depth. It stands in for the ledger's registry at link time, so that
 * vectors of the envelope do not change with a rule of the ledger. Include it once a program. */
#ifndef DIRCHAIN_TESTS_NOTE_TYPE_H
#define DIRCHAIN_TESTS_NOTE_TYPE_H

#include "base/limits.h"
#include "chain/rules/registry.h"

static const char *const note_choices[] = {"red", "green", NULL};
static const struct field note_deep = {.kind = FIELD_LIST, .max = 2, .element = &note_deep};
static const struct field note_parts[] = {
    {.name = "name", .kind = FIELD_TEXT, .required = true, .min = 1, .max = 20},
    {.name = "flag", .kind = FIELD_BOOL},
    {.name = NULL},
};
static const struct field note_part = {.kind = FIELD_OBJECT, .fields = note_parts};
static const struct field note_fields[] = {
    {.name = "text", .kind = FIELD_TEXT, .required = true, .max = TX_PAYLOAD_BYTES_MAX},
    {.name = "count", .kind = FIELD_INT, .min = 0, .max = 1000},
    {.name = "deep", .kind = FIELD_LIST, .max = 2, .element = &note_deep},
    {.name = "parts", .kind = FIELD_LIST, .min = 1, .max = 8, .element = &note_part},
    {.name = "flag", .kind = FIELD_BOOL},
    {.name = "choice", .kind = FIELD_CHOICE, .choices = note_choices},
    {.name = "member", .kind = FIELD_MEMBER},
    {.name = "hash", .kind = FIELD_HASH},
    {.name = "code", .kind = FIELD_CODE, .min = 1, .max = 16},
    {.name = "public_key", .kind = FIELD_PUBLIC_KEY},
    {.name = "vote_key", .kind = FIELD_VOTE_KEY},
    {.name = "peer_key", .kind = FIELD_PEER_KEY},
    {.name = "date", .kind = FIELD_DATE},
    {.name = "time", .kind = FIELD_TIME},
    {.name = "endpoint", .kind = FIELD_ENDPOINT},
    {.name = NULL},
};
static const struct tx_type note_type = {.name = "test.note", .fields = note_fields, .cost = 1};

const struct tx_type *const rules_types[] = {&note_type};
const size_t rules_type_count = 1;

#endif
