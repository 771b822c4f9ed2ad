/* What libcyaml says of a configuration that it does not take, told in our own words: the line, the
 * key, and what was expected there. It speaks in lines of text: first the reason, then a backtrace
 * from the innermost place outwards. */
#ifndef DIRCHAIN_NODE_CONFIG_REPORT_H
#define DIRCHAIN_NODE_CONFIG_REPORT_H

#include "base/faults.h"

struct config_report { /* {0} is empty */
    char reason[FAULT_FIELD_BYTES_MAX];
    char path[FAULT_FIELD_BYTES_MAX]; /* of the key, such as "exchange.resources[0].path" */
    unsigned line;
};

/* A line of its log. */
void config_report_note(struct config_report *report, const char *text);
/* The fault of a report, "LINE: KEY" (or "LINE") as its field. `status` is libcyaml's word for the
 * error, `text` the file. ERR_CONFIG_…; ERR_CONFIG for what has no word of its own. */
int config_report_fault(struct faults *faults, const struct config_report *report,
                        const char *status, struct view text);
/* The line (from 1) at or after `from` that begins with this key; 0 if none does. */
unsigned config_line_of_key(struct view text, unsigned from, const char *key);

#endif
