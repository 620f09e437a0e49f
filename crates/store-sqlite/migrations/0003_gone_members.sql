-- Who left while a moderator kept them silent: their row stays, so that coming back lifts nothing.
ALTER TABLE members ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;
