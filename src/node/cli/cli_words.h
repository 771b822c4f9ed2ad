/* Words of the protocol in Chinese: statuses, routes, roles, parties, attributes. */
#ifndef DIRCHAIN_NODE_CLI_CLI_WORDS_H
#define DIRCHAIN_NODE_CLI_CLI_WORDS_H

/* The Chinese word (docs/glossary.md), or NULL where there is none. `member` names what the word is
 * the value of, since "approve" is both a role and an answer; it may be NULL. */
const char *cli_word(const char *member, const char *word);

#endif
