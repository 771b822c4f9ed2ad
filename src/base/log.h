/* The node's log: one JSON object a line on standard error: time, level, module, message and
 * fields. Never secrets, never payload, never personal data. Safe from any thread. */
#ifndef DIRCHAIN_BASE_LOG_H
#define DIRCHAIN_BASE_LOG_H

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

void log_set_level(enum log_level level);
int log_level_from_text(enum log_level *out, const char *text); /* ERR_FIELD_CHOICE */
/* A message that reads as a sentence; values inline. */
void log_write(enum log_level level, const char *module, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
