//! OriginChats: guild chat over one JSON WebSocket.
