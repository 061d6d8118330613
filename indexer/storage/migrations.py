"""The library's schema, as numbered steps. A step that was released is never edited.

Every connection has the SQL function cut_cjk registered before anything else runs.
"""

from __future__ import annotations

from indexer.storage.first_migrations import (
    M001_DOCUMENTS,
    M002_RECOGNITION,
    M003_MEMBERS,
    M004_LABELS,
    M005_LEFT_OUT,
    M006_COUNTED,
    M007_REMOVING,
)

M008_PRESENCE = """
-- What tells a folder again (folders/identity.py), and the volumes mounted inside of it, as JSON.
ALTER TABLE folders ADD COLUMN identity TEXT NOT NULL DEFAULT '';
ALTER TABLE folders ADD COLUMN volumes TEXT NOT NULL DEFAULT '{}';

-- Whether a file was there when it was last looked for, or why it is kept all the same (Presence).
ALTER TABLE files ADD COLUMN presence INTEGER NOT NULL DEFAULT 0;
CREATE INDEX files_missing ON files (folder_id) WHERE presence;
"""

M009_NAMES = """
-- The same bytes are another document where they are read as another kind: a content is known by
-- the SHA-256 of its bytes (32 of them) and its kind.
ALTER TABLE contents RENAME COLUMN sha256 TO identity;
UPDATE contents SET identity = CAST(identity || kind AS BLOB);

-- `titles` and `name_words` have a line for each name that its files have; `title` is one of the
-- titles, under which vectors are made. The last two are what it is called where only a machine
-- named a file; NULL where an older version read it, which did not keep them.
ALTER TABLE contents ADD COLUMN titles TEXT NOT NULL DEFAULT '';
UPDATE contents SET titles = title;
ALTER TABLE contents ADD COLUMN own_title TEXT;
ALTER TABLE contents ADD COLUMN own_words TEXT;
DROP VIEW chunk_source;
CREATE VIEW chunk_source (id, body, names) AS
SELECT chunks.id,
       cut_cjk(substr(pages.text, chunks.start + 1, chunks.end - chunks.start)),
       cut_cjk(contents.titles || ' ' || chunks.heading)
FROM chunks
JOIN pages ON pages.id = chunks.page_id
JOIN contents ON contents.id = chunks.content_id;

-- The contents whose files were renamed, or are fewer, since their names were last collected.
CREATE TABLE renamed (
    content_id INTEGER PRIMARY KEY REFERENCES contents ON DELETE CASCADE
) STRICT;
-- No INSERT OR IGNORE: where an upsert fires a trigger, that would be overruled.
CREATE TRIGGER file_renamed AFTER UPDATE OF path, content_id ON files
WHEN old.content_id IS NOT NULL
    AND (old.path IS NOT new.path OR old.content_id IS NOT new.content_id) BEGIN
    INSERT INTO renamed SELECT id FROM contents WHERE id = old.content_id
        AND id NOT IN (SELECT content_id FROM renamed);
END;
CREATE TRIGGER file_forgotten AFTER DELETE ON files WHEN old.content_id IS NOT NULL BEGIN
    INSERT INTO renamed SELECT id FROM contents WHERE id = old.content_id
        AND id NOT IN (SELECT content_id FROM renamed);
END;
INSERT INTO renamed SELECT id FROM contents;
"""

M010_LESSONS = """
-- What the owner taught: that a passage answers a question, or does not, or that a phrase means
-- another. A passage is told by the identity of its content, the place of its page among the
-- content's pages (from 1), its characters there, and the SHA-256 of its text, which is not kept.
-- `words` is the text as it is compared.
CREATE TABLE lessons (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    words TEXT NOT NULL,
    meaning TEXT,
    content BLOB,
    page INTEGER,
    start INTEGER,
    end INTEGER,
    passage BLOB,
    taught_ns INTEGER NOT NULL
) STRICT;
CREATE INDEX lessons_by_words ON lessons (words);
CREATE INDEX lessons_by_content ON lessons (content);

-- By which a question finds the lessons like it where there is no encoder.
CREATE TABLE lesson_stems (
    id INTEGER PRIMARY KEY,
    lesson_id INTEGER NOT NULL REFERENCES lessons ON DELETE CASCADE,
    stem TEXT NOT NULL
) STRICT;
CREATE INDEX lesson_stems_by_stem ON lesson_stems (stem, lesson_id);
CREATE INDEX lesson_stems_by_lesson ON lesson_stems (lesson_id);

-- Of the questions; float16, L2-normalised.
CREATE TABLE lesson_vectors (
    id INTEGER PRIMARY KEY,
    lesson_id INTEGER NOT NULL REFERENCES lessons ON DELETE CASCADE,
    encoder_id INTEGER NOT NULL REFERENCES encoders,
    vector BLOB NOT NULL,
    UNIQUE (encoder_id, lesson_id)
) STRICT;
CREATE INDEX lesson_vectors_by_lesson ON lesson_vectors (lesson_id);

-- What changed, for a search that runs.
CREATE TABLE lesson_log (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    lesson_id INTEGER NOT NULL
) STRICT;
CREATE TRIGGER lesson_added AFTER INSERT ON lessons BEGIN
    INSERT INTO lesson_log (lesson_id) VALUES (new.id);
END;
CREATE TRIGGER lesson_removed AFTER DELETE ON lessons BEGIN
    INSERT INTO lesson_log (lesson_id) VALUES (old.id);
END;
CREATE TRIGGER lesson_vector_added AFTER INSERT ON lesson_vectors BEGIN
    INSERT INTO lesson_log (lesson_id) VALUES (new.lesson_id);
END;
CREATE TRIGGER lesson_vector_removed AFTER DELETE ON lesson_vectors BEGIN
    INSERT INTO lesson_log (lesson_id) VALUES (old.lesson_id);
END;

-- Into what the files have changed that hold the content of a lesson (`was`), or held it before
-- other changes; `looked`: whether its passage was looked for there.
CREATE TABLE lesson_trail (
    id INTEGER PRIMARY KEY,
    was BLOB NOT NULL,
    now BLOB NOT NULL,
    looked INTEGER NOT NULL DEFAULT 0,
    UNIQUE (was, now)
) STRICT;
CREATE INDEX lesson_trail_by_now ON lesson_trail (now);
CREATE INDEX lesson_trail_due ON lesson_trail (id) WHERE NOT looked;
CREATE TRIGGER file_changed AFTER UPDATE OF content_id ON files
WHEN old.content_id IS NOT NULL AND new.content_id IS NOT NULL
    AND old.content_id IS NOT new.content_id BEGIN
    INSERT INTO lesson_trail (was, now)
    SELECT DISTINCT stood.was, after.identity
    FROM contents AS before, contents AS after,
        (SELECT content AS was, content AS now FROM lessons WHERE content IS NOT NULL
         UNION ALL SELECT was, now FROM lesson_trail) AS stood
    WHERE before.id = old.content_id AND after.id = new.content_id
        AND stood.now = before.identity AND stood.was != after.identity
        AND NOT EXISTS (SELECT 1 FROM lesson_trail AS known
                        WHERE known.was = stood.was AND known.now = after.identity);
END;
-- Read again, maybe by another version, which may see other pages and characters.
CREATE TRIGGER content_came AFTER INSERT ON contents
WHEN EXISTS (SELECT 1 FROM lessons WHERE content = new.identity) BEGIN
    DELETE FROM lesson_trail WHERE was = new.identity AND now = new.identity;
    INSERT INTO lesson_trail (was, now) VALUES (new.identity, new.identity);
END;
-- Another copy of it may have changed before, and hold the passage still.
CREATE TRIGGER content_went AFTER DELETE ON contents BEGIN
    UPDATE lesson_trail SET looked = 0 WHERE was = old.identity AND now != old.identity;
    DELETE FROM lesson_trail WHERE now = old.identity AND looked AND EXISTS
        (SELECT 1 FROM lesson_trail AS later
         WHERE later.was = lesson_trail.was AND later.id > lesson_trail.id);
END;
"""

M011_LANGUAGES = """
-- The ISO 639-1 code of the language that a document is written in; '' where none is clear, NULL
-- until it was looked for.
ALTER TABLE contents ADD COLUMN language TEXT;
CREATE INDEX contents_by_language ON contents (language);
"""

M012_TAGS = """
-- The owner's tags, by the SHA-256 of the files' bytes: a move or another name takes them along.
CREATE TABLE tags (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sha256 BLOB NOT NULL,
    tag TEXT NOT NULL,
    set_ns INTEGER NOT NULL,
    UNIQUE (sha256, tag)
) STRICT;
CREATE INDEX tags_by_tag ON tags (tag);

-- A file that changes keeps its tags; so does another one that still has the bytes as they were.
CREATE TRIGGER tagged_file_changed AFTER UPDATE OF content_id ON files
WHEN old.content_id IS NOT NULL AND new.content_id IS NOT NULL
    AND old.content_id IS NOT new.content_id AND EXISTS
        (SELECT 1 FROM tags WHERE sha256 =
            (SELECT substr(identity, 1, 32) FROM contents WHERE id = old.content_id)) BEGIN
    INSERT INTO tags (sha256, tag, set_ns)
    SELECT substr(after.identity, 1, 32), tag, set_ns
    FROM tags, contents AS before, contents AS after
    WHERE before.id = old.content_id AND after.id = new.content_id
        AND sha256 = substr(before.identity, 1, 32)
        AND NOT EXISTS (SELECT 1 FROM tags WHERE sha256 = substr(after.identity, 1, 32));
    DELETE FROM tags WHERE sha256 =
            (SELECT substr(identity, 1, 32) FROM contents WHERE id = old.content_id)
        AND sha256 !=
            (SELECT substr(identity, 1, 32) FROM contents WHERE id = new.content_id)
        AND NOT EXISTS (SELECT 1 FROM files WHERE content_id = old.content_id);
END;

-- What was learned from folders and tags (indexer/learning/state.py); it may be thrown away.
CREATE TABLE learned (
    kind TEXT PRIMARY KEY,
    state BLOB NOT NULL
) STRICT;
"""

M013_QUALITY = """
-- Questions that the library asks itself, made of its own headings and sentences, so that they go
-- with their chunks; `found` is whether the last measurement found the passage among five.
CREATE TABLE own_questions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    chunk_id INTEGER NOT NULL REFERENCES chunks ON DELETE CASCADE,
    source TEXT NOT NULL,
    text TEXT NOT NULL,
    expected TEXT NOT NULL,
    found INTEGER,
    found_before INTEGER
) STRICT;
CREATE INDEX own_questions_by_chunk ON own_questions (chunk_id);

-- What became of them; the numbers are of questions.
CREATE TABLE measurements (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ns INTEGER NOT NULL,
    chunks INTEGER NOT NULL,
    encoder TEXT NOT NULL,
    lessons INTEGER NOT NULL,
    questions INTEGER NOT NULL,
    first INTEGER NOT NULL,
    five INTEGER NOT NULL,
    five_by_words INTEGER NOT NULL,
    five_untaught INTEGER NOT NULL
) STRICT;
"""

M014_CHATS = """
-- What a conversation is asked about, as JSON; and whether its owner has taken it out, and may
-- still take it back.
ALTER TABLE chats ADD COLUMN scope TEXT NOT NULL DEFAULT '{}';
ALTER TABLE chats ADD COLUMN removing INTEGER NOT NULL DEFAULT 0;

-- `key` tells a turn, whoever writes it twice; `details` is what shows it again, as JSON, with the
-- places of quotes instead of their text (app/chats/turns.py); `aside` is the key of the turn that
-- took its place, which may still be taken back.
ALTER TABLE turns ADD COLUMN key TEXT NOT NULL DEFAULT '';
ALTER TABLE turns ADD COLUMN details TEXT NOT NULL DEFAULT '{}';
ALTER TABLE turns ADD COLUMN aside TEXT NOT NULL DEFAULT '';
UPDATE turns SET key = CAST(id AS TEXT);

-- Folders and files that the owner chose together, and gave a name.
CREATE TABLE selections (
    name TEXT PRIMARY KEY,
    scope TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""

M015_HELD_OUT = """
-- Questions that lessons were taught for, asked with all lessons, without their own, without any.
ALTER TABLE measurements ADD COLUMN taught INTEGER NOT NULL DEFAULT 0;
ALTER TABLE measurements ADD COLUMN taught_five INTEGER NOT NULL DEFAULT 0;
ALTER TABLE measurements ADD COLUMN taught_five_held_out INTEGER NOT NULL DEFAULT 0;
ALTER TABLE measurements ADD COLUMN taught_five_untaught INTEGER NOT NULL DEFAULT 0;

-- What tells whether a library has become another: the last chunk and the last change of lessons
-- that there ever were.
ALTER TABLE measurements ADD COLUMN last_chunk INTEGER NOT NULL DEFAULT 0;
ALTER TABLE measurements ADD COLUMN last_lesson_change INTEGER NOT NULL DEFAULT 0;
-- Questions that the measurement before had asked as well, and what became other.
ALTER TABLE measurements ADD COLUMN compared INTEGER NOT NULL DEFAULT 0;
ALTER TABLE measurements ADD COLUMN gained INTEGER NOT NULL DEFAULT 0;
ALTER TABLE measurements ADD COLUMN lost INTEGER NOT NULL DEFAULT 0;
"""

M016_SPECIALISTS = """
-- What others have given (indexer/specialist), by the SHA-256 of their files; and the lessons and
-- tags that nobody but these has brought. `choices` is what else was chosen with one.
CREATE TABLE specialists (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    sha256 BLOB NOT NULL UNIQUE,
    taken_ns INTEGER NOT NULL,
    choices TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE specialist_lessons (
    specialist_id INTEGER NOT NULL REFERENCES specialists ON DELETE CASCADE,
    lesson_id INTEGER NOT NULL REFERENCES lessons ON DELETE CASCADE,
    PRIMARY KEY (specialist_id, lesson_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX specialist_lessons_by_lesson ON specialist_lessons (lesson_id);
CREATE TABLE specialist_tags (
    specialist_id INTEGER NOT NULL REFERENCES specialists ON DELETE CASCADE,
    tag_id INTEGER NOT NULL REFERENCES tags ON DELETE CASCADE,
    PRIMARY KEY (specialist_id, tag_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX specialist_tags_by_tag ON specialist_tags (tag_id);

-- As before, but for what others have given: a tag stays theirs when it follows a file, and those
-- that bytes have from others keep no tag of the owner's from following.
DROP TRIGGER tagged_file_changed;
CREATE TRIGGER tagged_file_changed AFTER UPDATE OF content_id ON files
WHEN old.content_id IS NOT NULL AND new.content_id IS NOT NULL
    AND old.content_id IS NOT new.content_id AND EXISTS
        (SELECT 1 FROM tags WHERE sha256 =
            (SELECT substr(identity, 1, 32) FROM contents WHERE id = old.content_id)) BEGIN
    INSERT INTO tags (sha256, tag, set_ns)
    SELECT substr(after.identity, 1, 32), tag, set_ns
    FROM tags, contents AS before, contents AS after
    WHERE before.id = old.content_id AND after.id = new.content_id
        AND sha256 = substr(before.identity, 1, 32)
        AND NOT EXISTS (SELECT 1 FROM tags AS held
                        WHERE held.sha256 = substr(after.identity, 1, 32)
                            AND (held.tag = tags.tag OR NOT EXISTS
                                 (SELECT 1 FROM specialist_tags WHERE tag_id = held.id)));
    INSERT INTO specialist_tags (specialist_id, tag_id)
    SELECT specialist_id, copied.id
    FROM specialist_tags, tags AS stood, tags AS copied, contents AS before, contents AS after
    WHERE stood.id = tag_id AND before.id = old.content_id AND after.id = new.content_id
        AND stood.sha256 = substr(before.identity, 1, 32)
        AND copied.sha256 = substr(after.identity, 1, 32)
        AND copied.tag = stood.tag AND copied.set_ns = stood.set_ns
        AND NOT EXISTS (SELECT 1 FROM specialist_tags AS known
                        WHERE known.specialist_id = specialist_tags.specialist_id
                            AND known.tag_id = copied.id);
    DELETE FROM tags WHERE sha256 =
            (SELECT substr(identity, 1, 32) FROM contents WHERE id = old.content_id)
        AND sha256 !=
            (SELECT substr(identity, 1, 32) FROM contents WHERE id = new.content_id)
        AND NOT EXISTS (SELECT 1 FROM files WHERE content_id = old.content_id);
END;
"""

M017_CHAT_KEYS = """
-- What a language model has read of a conversation is kept in a file under its key. With a turn, or
-- all of them, the key goes (chat_keys.py has it go with a document, too).
CREATE TABLE chat_keys (chat_id TEXT PRIMARY KEY, key BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TRIGGER turn_erased AFTER DELETE ON turns BEGIN
    DELETE FROM chat_keys WHERE chat_id = old.chat_id;
END;
CREATE TRIGGER chat_erased AFTER DELETE ON chats BEGIN
    DELETE FROM chat_keys WHERE chat_id = old.id;
END;
"""

M018_SUMMARIES = """
-- What a language model wrote about a section of a document, which is told by the SHA-256 of its
-- text; it goes with the document.
CREATE TABLE summaries (
    content_id INTEGER NOT NULL REFERENCES contents ON DELETE CASCADE,
    model TEXT NOT NULL,
    section BLOB NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (content_id, model, section)
) STRICT, WITHOUT ROWID;
"""

# MIGRATIONS[n] takes a library from version n to n + 1.
MIGRATIONS: tuple[str, ...] = (
    M001_DOCUMENTS, M002_RECOGNITION, M003_MEMBERS, M004_LABELS, M005_LEFT_OUT,
    M006_COUNTED, M007_REMOVING, M008_PRESENCE, M009_NAMES, M010_LESSONS,
    M011_LANGUAGES, M012_TAGS, M013_QUALITY, M014_CHATS, M015_HELD_OUT,
    M016_SPECIALISTS, M017_CHAT_KEYS, M018_SUMMARIES,
)  # fmt: skip
