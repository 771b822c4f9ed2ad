/* Words of the protocol in Chinese: statuses, routes, roles, parties, attributes. */
#ifndef DIRCHAIN_NODE_CLI_CLI_WORDS_H
#define DIRCHAIN_NODE_CLI_CLI_WORDS_H

/* The Chinese word (docs/glossary.md), or NULL where there is none. */
const char *cli_word(const char *word);

#endif
