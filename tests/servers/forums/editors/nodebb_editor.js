// Runs inside NodeBB: one step per line of JSON, each answered with a line. Posts are written as its own routes write them.
'use strict';

const path = require('path');
const readline = require('readline');
const { promisify } = require('util');

const [home, config] = process.argv.slice(2);
const within = (name) => require(path.join(home, name));

const nconf = require(path.join(home, 'node_modules/nconf'));
nconf.argv().env();
nconf.file({ file: config });
nconf.defaults({ base_dir: home, themes_path: path.join(home, 'node_modules'), views_dir: path.join(home, 'public/templates'), version: '1.4.0' });
for (const [name, value] of Object.entries({ isPrimary: 'false', isCluster: 'true', upload_path: '/public/uploads', relative_path: '' })) {
  nconf.set(name, value);
}
nconf.set('base_url', nconf.get('url'));
const winston = require(path.join(home, 'node_modules/winston'));
winston.remove(winston.transports.Console);
winston.add(winston.transports.Console, { stderrLevels: ['error', 'warn', 'info', 'verbose', 'debug'] });

const db = within('src/database');
const call = (object, method, ...values) => promisify(object[method].bind(object))(...values);
const ADMIN = 1;
let topics, posts, user, categories, privileges;

async function account(name) {
  const known = await call(user, 'getUidByUsername', name);
  return known || call(user, 'create', { username: name });
}

function written(tid, pid, slug) {
  return { thread: tid, post: pid, path: `/topic/${slug}` };
}

async function open(step, cid) {
  const uid = await account(step.author);
  const { topicData, postData } = await call(topics, 'post', {
    uid, cid, title: step.title, content: step.text, tags: [], timestamp: Date.parse(step.at),
  });
  return written(topicData.tid, postData.pid, topicData.slug);
}

const steps = {
  async board(step) {
    const created = await call(categories, 'create', { name: step.title, description: '' });
    return created.cid;
  },
  async thread(step) {
    const opened = await open(step, step.board);
    if (step.pinned) {
      await call(topics.tools, 'pin', opened.thread, ADMIN);
    }
    return opened;
  },
  async private_thread(step) {
    const { cid } = await call(categories, 'create', { name: '家长群', description: '' });
    for (const group of ['guests', 'registered-users']) {
      await call(privileges.categories, 'rescind', ['find', 'read', 'topics:read'], cid, group);
    }
    await call(privileges.categories, 'give', ['topics:create', 'topics:reply', 'read', 'find'], cid, 'administrators');
    const { topicData, postData } = await call(topics, 'post', {
      uid: ADMIN, cid, title: step.title, content: step.text, tags: [], timestamp: Date.parse(step.at),
    });
    return written(topicData.tid, postData.pid, topicData.slug);
  },
  async reply(step) {
    let content = step.text;
    if (step.to) { // as its composer writes a quotation
      const [answered, slug] = await Promise.all([
        call(posts, 'getPostFields', step.to, ['content', 'uid']), call(topics, 'getTopicField', step.thread, 'slug'),
      ]);
      const name = await call(user, 'getUserField', answered.uid, 'username');
      content = `@${name} said in [标题](/post/${step.to}):\n> ${answered.content}\n\n${content}`;
    }
    const uid = await account(step.author);
    const reply = await call(topics, 'reply', {
      uid, tid: step.thread, content, timestamp: Date.parse(step.at), ...(step.to ? { toPid: step.to } : {}),
    });
    return written(step.thread, reply.pid, await call(topics, 'getTopicField', step.thread, 'slug'));
  },
  async edit(step) {
    await call(posts, 'edit', { uid: ADMIN, pid: step.post, content: step.text });
    return true;
  },
  async remove(step) {
    await call(posts.tools, 'delete', ADMIN, step.post);
    return true;
  },
  async remove_thread(step) {
    await call(topics.tools, 'delete', step.thread, ADMIN);
    return true;
  },
};

async function main() {
  await call(db, 'init');
  await call(within('src/meta').configs, 'init');
  [topics, posts, user, categories, privileges] = ['topics', 'posts', 'user', 'categories', 'privileges'].map((name) => within(`src/${name}`));
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const step = JSON.parse(line);
    const done = await steps[step.do](step);
    process.stdout.write(`${JSON.stringify({ done: done === undefined ? null : done })}\n`);
  }
  process.exit(0);
}

main().catch((error) => {
  process.stderr.write(`${error && error.stack}\n`);
  process.exit(1);
});
