"""The library's schema, as numbered steps. A step that was released is never edited.

Every connection has the SQL function cut_cjk registered before anything else runs.
"""

from __future__ import annotations

M001_DOCUMENTS = """
CREATE TABLE library (key TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;

-- What the owner added. A single file is a folder of one.
CREATE TABLE folders (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path BLOB NOT NULL UNIQUE,
    online INTEGER NOT NULL DEFAULT 1
) STRICT;

-- What stands in a file, once for all its copies. `state` is what a file of this content reaches
-- when its vectors are there: indexed, partial or empty.
CREATE TABLE contents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sha256 BLOB NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    name_words TEXT NOT NULL,
    pages INTEGER,
    state TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT;

-- A place. Paths are the bytes of the file system, since names need not be UTF-8.
CREATE TABLE files (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    folder_id INTEGER NOT NULL REFERENCES folders ON DELETE CASCADE,
    path BLOB NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    suffix TEXT NOT NULL,
    content_id INTEGER REFERENCES contents,
    state TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT;
CREATE INDEX files_by_folder ON files (folder_id);
CREATE INDEX files_by_content ON files (content_id);
CREATE INDEX files_by_state ON files (state);

-- Written before a file is touched, so that what killed a reader or the engine is known after.
CREATE TABLE attempts (
    file_id INTEGER PRIMARY KEY REFERENCES files ON DELETE CASCADE,
    open INTEGER NOT NULL,
    reader_deaths INTEGER NOT NULL DEFAULT 0,
    engine_deaths INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE pages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    content_id INTEGER NOT NULL REFERENCES contents ON DELETE CASCADE,
    number INTEGER,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX pages_by_content ON pages (content_id);

-- start and end count characters of the page's text.
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    content_id INTEGER NOT NULL REFERENCES contents ON DELETE CASCADE,
    page_id INTEGER NOT NULL REFERENCES pages ON DELETE CASCADE,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    heading TEXT NOT NULL
) STRICT;
CREATE INDEX chunks_by_content ON chunks (content_id);
CREATE INDEX chunks_by_page ON chunks (page_id);

CREATE TABLE encoders (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    dimensions INTEGER NOT NULL
) STRICT;

-- float16, L2-normalised.
CREATE TABLE vectors (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    encoder_id INTEGER NOT NULL REFERENCES encoders,
    chunk_id INTEGER NOT NULL REFERENCES chunks ON DELETE CASCADE,
    vector BLOB NOT NULL,
    UNIQUE (encoder_id, chunk_id)
) STRICT;
CREATE INDEX vectors_by_chunk ON vectors (chunk_id);

-- What changed since a saved cache of the vectors: chunk ids are never used twice.
CREATE TABLE vector_log (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    encoder_id INTEGER NOT NULL,
    chunk_id INTEGER NOT NULL,
    added INTEGER NOT NULL
) STRICT;
CREATE TRIGGER vector_added AFTER INSERT ON vectors BEGIN
    INSERT INTO vector_log (encoder_id, chunk_id, added)
    VALUES (new.encoder_id, new.chunk_id, 1);
END;
CREATE TRIGGER vector_removed AFTER DELETE ON vectors BEGIN
    INSERT INTO vector_log (encoder_id, chunk_id, added)
    VALUES (old.encoder_id, old.chunk_id, 0);
END;

-- Full text with external content: contentless_delete would leave deleted words in the file.
CREATE VIEW chunk_source (id, body, names) AS
SELECT chunks.id,
       cut_cjk(substr(pages.text, chunks.start + 1, chunks.end - chunks.start)),
       cut_cjk(contents.title || ' ' || chunks.heading)
FROM chunks
JOIN pages ON pages.id = chunks.page_id
JOIN contents ON contents.id = chunks.content_id;
CREATE VIRTUAL TABLE chunk_words USING fts5 (
    body, names, content = 'chunk_source', content_rowid = 'id', tokenize = 'porter unicode61'
);

-- A document's name and its first 1,500 characters, for questions that name a document.
CREATE VIEW document_source (id, name, head) AS
SELECT contents.id,
       contents.name_words,
       cut_cjk(substr((SELECT text FROM pages WHERE content_id = contents.id ORDER BY id LIMIT 1),
                      1, 1500))
FROM contents;
CREATE VIRTUAL TABLE document_words USING fts5 (
    name, head, content = 'document_source', content_rowid = 'id', tokenize = 'porter unicode61'
);
INSERT INTO chunk_words (chunk_words, rank) VALUES ('secure-delete', 1);
INSERT INTO document_words (document_words, rank) VALUES ('secure-delete', 1);

-- Conversations.
CREATE TABLE chats (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    changed_ns INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE turns (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id TEXT NOT NULL REFERENCES chats ON DELETE CASCADE,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    passages TEXT NOT NULL
) STRICT;
CREATE INDEX turns_by_chat ON turns (chat_id);
"""

M002_RECOGNITION = """
-- The pages that could not be read. A page that OCR is to read has its place among the others
-- already: an empty one, that is filled when it is read.
CREATE TABLE unread_pages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    content_id INTEGER NOT NULL REFERENCES contents ON DELETE CASCADE,
    page_id INTEGER REFERENCES pages ON DELETE CASCADE,
    number INTEGER,
    reason TEXT NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX unread_pages_by_content ON unread_pages (content_id);
CREATE INDEX unread_pages_by_page ON unread_pages (page_id);

-- Where a recognised line stands on its page, as shares of it from the top left; start and end
-- count characters of the page's text.
CREATE TABLE page_lines (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    page_id INTEGER NOT NULL REFERENCES pages ON DELETE CASCADE,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    left REAL NOT NULL,
    top REAL NOT NULL,
    right REAL NOT NULL,
    bottom REAL NOT NULL
) STRICT;
CREATE INDEX page_lines_by_page ON page_lines (page_id);

-- The PDFs of which something is missing are read anew.
UPDATE contents SET sha256 = randomblob(32)
WHERE kind = 'pdf' AND state IN ('partial', 'empty');
UPDATE files SET state = 'waiting'
WHERE state IN ('partial', 'empty', 'words') AND content_id IN
    (SELECT id FROM contents WHERE kind = 'pdf' AND state IN ('partial', 'empty'));
"""

M003_MEMBERS = """
-- Of a page inside a member: its way through the members of the file, as JSON.
ALTER TABLE unread_pages ADD COLUMN member TEXT NOT NULL DEFAULT '[]';

-- Files of which a member was not read are read anew: it may be a picture.
CREATE TEMP TABLE read_anew AS SELECT id FROM contents
WHERE kind IN ('zip', 'tar', 'mail', 'mailbox', 'outlook')
    AND (state = 'partial' OR EXISTS (SELECT 1 FROM pages WHERE content_id = contents.id
                                      AND text LIKE 'Not read' || char(10) || '%'));
UPDATE files SET state = 'waiting' WHERE content_id IN (SELECT id FROM read_anew)
    OR state = 'skipped' AND reason LIKE '%Nothing in it is of a kind that is read.';
UPDATE contents SET sha256 = randomblob(32) WHERE id IN (SELECT id FROM read_anew);
DROP TABLE read_anew;
"""

M004_LABELS = """
-- The number that is printed on a page, where it is not the page's own.
ALTER TABLE pages ADD COLUMN label TEXT;
"""

M005_LEFT_OUT = """
-- Why an encrypted file was not read says now whether a password opens it.
UPDATE files SET state = 'waiting' WHERE state = 'failed' AND reason LIKE '%is encrypted.%';

-- More kinds are read: the next comparison enters these again, and knows most by their names.
DELETE FROM files WHERE state = 'skipped' AND reason LIKE 'This kind of file is not read.%';
"""

M006_COUNTED = """
-- How many chunks there are, and vectors of each encoder: to count a million takes too long for a
-- message of progress.
INSERT INTO library SELECT 'chunks', count(*) FROM chunks;
ALTER TABLE encoders ADD COLUMN vectors INTEGER NOT NULL DEFAULT 0;
UPDATE encoders SET vectors = (SELECT count(*) FROM vectors WHERE encoder_id = encoders.id);
CREATE TRIGGER chunk_added AFTER INSERT ON chunks BEGIN
    UPDATE library SET value = value + 1 WHERE key = 'chunks';
END;
CREATE TRIGGER chunk_removed AFTER DELETE ON chunks BEGIN
    UPDATE library SET value = value - 1 WHERE key = 'chunks';
END;

-- A number that no other history of this library has: a cache of the vectors says by it which
-- change was its last, also after an older copy of the library was put back.
ALTER TABLE vector_log ADD COLUMN mark INTEGER NOT NULL DEFAULT 0;
UPDATE vector_log SET mark = random();
DROP TRIGGER vector_added;
DROP TRIGGER vector_removed;
CREATE TRIGGER vector_added AFTER INSERT ON vectors BEGIN
    INSERT INTO vector_log (encoder_id, chunk_id, added, mark)
    VALUES (new.encoder_id, new.chunk_id, 1, random());
    UPDATE encoders SET vectors = vectors + 1 WHERE id = new.encoder_id;
END;
CREATE TRIGGER vector_removed AFTER DELETE ON vectors BEGIN
    INSERT INTO vector_log (encoder_id, chunk_id, added, mark)
    VALUES (old.encoder_id, old.chunk_id, 0, random());
    UPDATE encoders SET vectors = vectors - 1 WHERE id = old.encoder_id;
END;
"""

M007_REMOVING = """
-- What the owner has taken out and may still take back: hidden until then, erased after.
ALTER TABLE folders ADD COLUMN removing INTEGER NOT NULL DEFAULT 0;
CREATE INDEX folders_removing ON folders (id) WHERE removing;
"""

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

# MIGRATIONS[n] takes a library from version n to n + 1.
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
-- places of quotes instead of their text (app/chat_turns.py); `aside` is the key of the turn that
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

MIGRATIONS: tuple[str, ...] = (
    M001_DOCUMENTS, M002_RECOGNITION, M003_MEMBERS, M004_LABELS, M005_LEFT_OUT,
    M006_COUNTED, M007_REMOVING, M008_PRESENCE, M009_NAMES, M010_LESSONS,
    M011_LANGUAGES, M012_TAGS, M013_QUALITY, M014_CHATS,
)  # fmt: skip
