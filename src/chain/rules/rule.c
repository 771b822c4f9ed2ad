/* What every rule works with: faults, automatic acts, the subject of an act, the profile. */
#include "chain/rule.h"

#include "base/ensure.h"
#include "base/errors.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int rule_fault(struct rule_context *context, int error, const char *clause,
               const char *field_format, ...)
{
    char field[FAULT_FIELD_BYTES_MAX];
    va_list arguments;
    va_start(arguments, field_format);
    (void)vsnprintf(field, sizeof field, field_format, arguments);
    va_end(arguments);
    return faults_add(context->faults, error, clause, "%s", field);
}

void rule_act(struct rule_context *context, const char *clause, const char *subject,
              const char *effect)
{
    struct doc *act = doc_new_object();
    doc_set_int(act, "height", (int64_t)context->height);
    doc_set_text(act, "clause", clause);
    doc_set_text(act, "subject", subject);
    doc_set_text(act, "effect", effect);
    doc_push(context->acts, act);
}
