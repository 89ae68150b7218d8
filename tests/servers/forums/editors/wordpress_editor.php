<?php
// Runs inside WordPress: one step per line of JSON, each answered with a line.

define('WP_USE_THEMES', false);
require getenv('WP_FOLDER') . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/taxonomy.php';

function author_id(string $name): int {
    $login = 'u' . substr(md5($name), 0, 10);
    $user = get_user_by('login', $login);
    return $user ? $user->ID : wp_insert_user([
        'user_login' => $login, 'user_pass' => wp_generate_password(), 'display_name' => $name, 'user_email' => "$login@example.cn",
    ]);
}

function times(string $at, string $field): array {
    $gmt = gmdate('Y-m-d H:i:s', strtotime($at));
    return [$field => get_date_from_gmt($gmt), $field . '_gmt' => $gmt];
}

function path_of(string $link): string {
    return substr($link, strlen(home_url()));
}

// As the editor of WordPress does it: a draft first, which gives the post its lasting guid.
function write_post(array $step, string $status, array $more = []): array {
    $facts = [
        'post_title' => $step['title'], 'post_content' => $step['text'], 'post_author' => author_id($step['author']),
        'post_category' => [(int) $step['board']], 'comment_status' => 'open',
    ] + times($step['at'], 'post_date') + $more;
    $draft = wp_insert_post(['post_status' => 'draft'] + $facts, true);
    $id = wp_update_post(['ID' => $draft, 'post_status' => $status, 'edit_date' => true] + $facts, true);
    if (is_wp_error($id)) {
        throw new RuntimeException($id->get_error_message());
    }
    return ['thread' => $id, 'post' => "post-$id", 'path' => path_of(get_permalink($id))];
}

function write_comment(array $step, int|string $approved = 1): array {
    [$kind, $to] = $step['to'] ?? null ? explode('-', $step['to']) : ['post', 0];
    $id = wp_insert_comment([
        'comment_post_ID' => (int) $step['thread'], 'comment_content' => $step['text'], 'comment_author' => $step['author'],
        'comment_author_email' => 'guest@example.cn', 'comment_parent' => $kind === 'comment' ? (int) $to : 0,
        'comment_approved' => $approved,
    ] + times($step['at'], 'comment_date'));
    return ['thread' => $step['thread'], 'post' => "comment-$id", 'path' => path_of(get_permalink((int) $step['thread']))];
}

function change(array $step): mixed {
    [$kind, $id] = explode('-', $step['post']);
    return $kind === 'post'
        ? wp_update_post(['ID' => (int) $id, 'post_content' => $step['text']], true)
        : wp_update_comment(['comment_ID' => (int) $id, 'comment_content' => $step['text']], true);
}

function take_away(string $post): bool {
    [$kind, $id] = explode('-', $post);
    return (bool) ($kind === 'post' ? wp_trash_post((int) $id) : wp_trash_comment((int) $id));
}

function step(array $step): mixed {
    switch ($step['do']) {
        case 'board':
            return wp_insert_category(['cat_name' => $step['title']]);
        case 'thread':
            $written = write_post($step, 'publish');
            if ($step['pinned']) {
                stick_post($written['thread']);
            }
            return $written;
        case 'private_thread':
            return write_post($step, 'private');
        case 'hidden_thread':  // 'draft', 'pending', 'future', or published under a password
            return $step['as'] === 'password'
                ? write_post($step, 'publish', ['post_password' => 'x'])
                : write_post($step, $step['as']);
        case 'reply':
            return write_comment($step);
        case 'hidden_reply':  // waiting for a moderator ('hold') or 'spam'
            return write_comment($step, $step['as'] === 'hold' ? 0 : $step['as']);
        case 'edit':
            return (bool) change($step);
        case 'remove':
            return take_away($step['post']);
        case 'remove_thread':
            return take_away('post-' . $step['thread']);
        case 'interface':  // 'open', or 'closed' to guests, as security plug-ins do it
            return update_option('interface_closed', $step['is'] === 'closed');
        case 'addresses':  // 'pretty' or 'plain'
            global $wp_rewrite;
            $wp_rewrite->set_permalink_structure($step['are'] === 'pretty' ? '/%postname%/' : '');
            $wp_rewrite->flush_rules(false);
            return true;
    }
    throw new RuntimeException("unknown step {$step['do']}");
}

while (($line = fgets(STDIN)) !== false) {
    wp_cache_flush();
    ob_start();
    $done = step(json_decode($line, true, 512, JSON_THROW_ON_ERROR));
    ob_end_clean();
    fwrite(STDOUT, json_encode(['done' => $done], JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR) . "\n");
}
