"""The first steps of the library's schema: documents, their words and vectors, and their counts."""

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
