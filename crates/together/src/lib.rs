//! Together: servers and channels over REST and a gateway.
